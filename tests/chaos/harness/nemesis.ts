import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#libs/testing';
import { catalogue } from './catalogue.js';
import { between, type Fault, type FaultKind, type Stage } from './fault.js';

/** A fault that was applied, in times of this machine's clock, in milliseconds since 1970. */
export interface AppliedFault {
  readonly kind: string;
  readonly target: string;
  readonly appliedAt: number;
  /** By what it was seen to have taken effect. */
  readonly evidence: string;
  healedAt: number;
}

/** One fault, or two at a time, from the first one's beginning until the last one is healed. */
export interface Episode {
  readonly from: number;
  until: number;
  readonly faults: AppliedFault[];
}

/** How long a fault may take to show that it has taken effect, and the calm after an episode, in milliseconds. */
const effectWithinMs = 30_000;
const calmMs = { least: 3_000, most: 6_000 };
/** How often an episode has two faults. */
const inPairs = 0.4;

export interface NemesisOptions {
  /** No fewer faults than this. */
  readonly faults: number;
  /** Goes on until this says that it is enough. */
  readonly enough: () => boolean;
  /** Left out: every kind. */
  readonly only?: readonly string[];
  readonly over: AbortSignal;
  readonly onApplied: (fault: AppliedFault) => void;
  readonly onMissed: (kind: string, target: string, why: string) => void;
}

/** Breaks things in an order that follows from the seed: every kind once, shuffled, before any comes again. */
export class Nemesis {
  readonly episodes: Episode[] = [];
  /** Kinds that cannot be done here, and why. */
  readonly skipped: { kind: string; why: string }[] = [];
  /** Faults whose effect was not seen, and which count for nothing. */
  readonly missed: { kind: string; target: string; why: string }[] = [];
  private deck: FaultKind[] = [];
  private readonly kinds: FaultKind[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly options: NemesisOptions,
  ) {
    const { world } = stage;
    for (const kind of catalogue) {
      if (options.only && !options.only.includes(kind.kind)) continue;
      const why = kind.profile && kind.profile !== world.profile ? `only in the profile ${kind.profile}` : kind.skipped?.(world);
      if (why === undefined) this.kinds.push(kind);
      else this.skipped.push({ kind: kind.kind, why });
    }
    if (this.kinds.length === 0) throw new Error('there is no fault to apply');
  }

  get applied(): AppliedFault[] {
    return this.episodes.flatMap(({ faults }) => faults);
  }

  async run(): Promise<void> {
    const { faults, enough, over } = this.options;
    const { random } = this.stage;
    while (!over.aborted && (this.applied.length < faults || !enough())) {
      await sleep(between(random, calmMs.least, calmMs.most), undefined, { signal: over });
      await this.episode();
      const { length: missed } = this.missed;
      if (missed > 3 && missed > this.applied.length / 4)
        throw new Error(`of ${missed} faults no effect was seen, the last of them ${JSON.stringify(this.missed.at(-1))}`);
    }
  }

  private async episode(): Promise<void> {
    const { random } = this.stage;
    const [firstKind, first] = this.draw();
    const chosen: [FaultKind, Fault][] = [[firstKind, first]];
    if (random.next() < inPairs && this.kinds.length > 1) {
      const [kind, second] = this.draw();
      // Two that touch the same thing would hide each other: the second has its turn another time.
      if (second.touches.some((what) => first.touches.includes(what))) this.deck.unshift(kind);
      else chosen.push([kind, second]);
    }
    const episode: Episode = { from: Date.now(), until: 0, faults: [] };

    const outcomes = await Promise.allSettled(chosen.map(([kind, fault]) => this.inflict(kind, fault, episode)));
    episode.until = Date.now();
    if (episode.faults.length > 0) this.episodes.push(episode);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private draw(): [FaultKind, Fault] {
    if (this.deck.length === 0) this.deck = this.stage.random.shuffled(this.kinds);
    const kind = this.deck.pop()!;
    return [kind, kind.draw(this.stage)];
  }

  private async inflict({ kind }: FaultKind, fault: Fault, episode: Episode): Promise<void> {
    const { target } = fault;
    const appliedAt = Date.now();
    try {
      const evidence = await this.takeEffect(fault);
      const applied: AppliedFault = { kind, target, appliedAt, evidence, healedAt: 0 };
      episode.faults.push(applied);
      await sleep(fault.lastsMs ?? 0, undefined, { signal: this.options.over }).catch(() => {});
      await fault.heal();
      applied.healedAt = Date.now();
      this.options.onApplied(applied);
    } catch (error) {
      // What follows, be it only the stopping, needs it healed.
      await Promise.resolve(fault.heal()).catch(() => {});
      if (!(error instanceof NoEffect))
        throw new Error(`"${kind}" (${target}) could not be healed: ${(error as Error).message}`, { cause: error });
      this.missed.push({ kind, target, why: error.message });
      this.options.onMissed(kind, target, error.message);
    }
  }

  /** @throws NoEffect */
  private async takeEffect(fault: Fault): Promise<string> {
    try {
      await fault.apply();
      return await eventually(() => fault.tookEffect(), { within: effectWithinMs, every: 200 });
    } catch (error) {
      throw new NoEffect((error as Error).message, { cause: error });
    }
  }
}

/** A fault that could not be applied, or whose effect was not seen: it counts for nothing. */
class NoEffect extends Error {
  override readonly name = 'NoEffect';
}
