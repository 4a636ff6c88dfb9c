import { red, say, step } from './output.js';

/** What has been started and has to be stopped again, the latest first. */
export class Cleanup {
  private readonly steps: { readonly title: string; readonly undo: () => Promise<unknown> }[] = [];

  /** @param title what undoing it is called, for example "Stopping the services" */
  add(title: string, undo: () => Promise<unknown>): void {
    this.steps.push({ title, undo });
  }

  /**
   * Undoes everything, the rest also when one step fails.
   * @returns whether none has failed
   */
  async run(): Promise<boolean> {
    let clean = true;
    for (const { title, undo } of this.steps.splice(0).toReversed()) {
      await step(title, undo).catch((error: Error) => {
        clean = false;
        say(red(error.message));
      });
    }
    return clean;
  }
}
