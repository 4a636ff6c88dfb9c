import { constants } from 'node:os';
import { say } from './output.js';

/** npm passes on a Ctrl-C that the terminal has already sent: what comes this soon after the first is the same one. */
const sameWishMs = 1000;

/** Somebody wants the demo to stop: Ctrl-C, `npm run stop`, a closed terminal. A second time means at once. */
export class Interruption {
  /** Settles when it is asked for. */
  readonly requested: Promise<void>;
  private signal: NodeJS.Signals | undefined;

  constructor() {
    let request = () => {};
    this.requested = new Promise((settle) => (request = settle));
    let firstAt = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (this.signal === undefined) {
          this.signal = signal;
          firstAt = Date.now();
          say('\nStopping. Once more ends it at once.');
          request();
        } else if (Date.now() - firstAt > sameWishMs) {
          say('\nNot waiting any longer: what still runs is told to end and then killed, by its guard.');
          process.exit(this.exitCode);
        }
      });
    }
  }

  /** What a shell expects of a program that was ended by this signal; undefined when nobody has asked. */
  get exitCode(): number | undefined {
    return this.signal && 128 + constants.signals[this.signal];
  }

  /** @throws Interrupted when it has been asked for */
  check(): void {
    if (this.signal) throw new Interrupted();
  }

  /** Waits for work that can be left in the middle. */
  async during<T>(work: Promise<T>): Promise<T> {
    // It may fail only because everything around it is being stopped.
    work.catch(() => {});
    const interrupted = this.requested.then((): never => {
      throw new Interrupted();
    });
    return Promise.race([work, interrupted]);
  }
}

/** Work was given up because somebody wants the demo to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
