import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#libs/testing';
import { catalogue } from './catalogue.js';
import { between, type Fault, type FaultKind, type Stage } from './fault.js';

/** A fault that was applied, in times of this machine's clock, in milliseconds since 1970. */
export interface AppliedFault {
  readonly kind: string;
  readonly target: string;
  readonly appliedAt: number;
  /** When it was seen to have taken effect, and by what. */
  readonly tookEffectAt: number;
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
const effectWithinMs = 60_000;
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
}

/** Breaks things in an order that follows from the seed: every kind once, shuffled, before any comes again. */
export class Nemesis {
  readonly episodes: Episode[] = [];
  /** Kinds that cannot be done here, and why. */
  readonly skipped: { kind: string; why: string }[] = [];
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
    this.episodes.push(episode);
    const outcomes = await Promise.allSettled(chosen.map(([kind, fault]) => this.inflict(kind, fault, episode)));
    episode.until = Date.now();
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
    const failed = (what: string) => (error: Error) => {
      throw new Error(`the harness could not ${what} "${kind}" (${target}): ${error.message}`, { cause: error });
    };
    const appliedAt = Date.now();
    try {
      await Promise.resolve(fault.apply()).catch(failed('apply'));
      const evidence = await eventually(() => fault.tookEffect(), { within: effectWithinMs, every: 200 }).catch(failed('see the effect of'));
      const applied: AppliedFault = { kind, target, appliedAt, tookEffectAt: Date.now(), evidence: evidence ?? '', healedAt: 0 };
      episode.faults.push(applied);
      await sleep(fault.lastsMs ?? 0, undefined, { signal: this.options.over }).catch(() => {});
      await Promise.resolve(fault.heal()).catch(failed('heal'));
      applied.healedAt = Date.now();
      this.options.onApplied(applied);
    } catch (error) {
      // What follows, be it only the stopping, needs it healed.
      await Promise.resolve(fault.heal()).catch(() => {});
      throw error;
    }
  }
}
