import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { SettingChanged } from '#libs/contracts';
import { fieldErrors, problem } from '#libs/http';
import { Sweeper } from '#libs/service';
import type { LiveFeed } from '../live-feed.js';
import type { Transactions } from '../outbox.js';

export type SettingValue = string | number | boolean;

/** What can be changed while the service runs. */
export interface RunTimeSetting<Value extends SettingValue = SettingValue> {
  readonly name: string;
  readonly meaning: string;
  /** What it may be, as JSON. */
  readonly schema: z.ZodType<Value>;
  /** What it is when no operator has said otherwise. */
  readonly configured: Value;
  /** Makes it so, at once or soon. Never throws. */
  apply(value: Value): void;
}

/** Declares one: what it may be is what it is applied with, so from here on nobody need know what that is. */
export const runTimeSetting = <Value extends SettingValue>(setting: RunTimeSetting<Value>): RunTimeSetting => setting;

/** A setting as it is on this replica. */
export interface SettingState {
  readonly setting: RunTimeSetting;
  readonly value: SettingValue;
  /** The last change; null when there was none. */
  readonly changed: Change | null;
}

interface Change {
  /** What was asked for, which may be what this version refuses; null: as configured. */
  readonly value: unknown;
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

type StoredChange = Change & { readonly name: string };

interface RunTimeSettingsOptions {
  /** Whose settings these are: each of its replicas has the same. */
  readonly service: string;
  /** How often a replica looks for changes that it has not heard of, in ms. */
  readonly rereadMs: number;
}

/**
 * The settings of a service that operators change while it runs. A change is a row, and what is told of it is only that there is one: each
 * replica reads the rows when it starts, when it hears of a change, when it can hear again, and once in a while, so that none depends on
 * being told.
 */
export class RunTimeSettings extends Sweeper {
  private readonly logger = new Logger('settings');
  private readonly states = new Map<string, SettingState>();
  private reading: Promise<void> = Promise.resolve();
  private nextReading: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly options: RunTimeSettingsOptions,
  ) {
    super(options.rereadMs);
  }

  /** Before the application has started: what was stored of it applies when the consumers begin. */
  declare(setting: RunTimeSetting): void {
    if (this.states.has(setting.name)) throw new Error(`there are two settings ${setting.name}`);
    this.states.set(setting.name, { setting, value: setting.configured, changed: null });
  }

  /** Applies what is stored, before the consumers begin. */
  start(): Promise<void> {
    return this.reread();
  }

  /** From now on applies what is changed. Once the exchanges are declared. */
  listen(feed: LiveFeed): void {
    const look = () => void this.sweepAndReport();
    feed.subscribe(SettingChanged, ({ data: { service } }) => void (service === this.options.service && look()), look);
  }

  /** What applies on this replica now, by name. */
  list(): SettingState[] {
    return [...this.states.values()].toSorted((one, other) => one.setting.name.localeCompare(other.setting.name));
  }

  /**
   * Changes a setting on every replica; undefined: back to what is configured. When it comes back, the change is stored, and applies here if the
   * database could be read.
   * @throws Problem when there is no such setting, or it may not have this value, and then nothing is changed
   */
  async change(name: string, value: SettingValue | undefined, { by, reason }: Pick<Change, 'by' | 'reason'>): Promise<SettingState> {
    const state = this.states.get(name);
    if (!state) throw problem('setting-not-found', 'GET /settings lists those that there are.');
    if (value !== undefined) checkValue(state.setting, value);
    const { service } = this.options;
    await this.transactions.run(async (tx) => {
      // Who commits last has the last word: without it a row with a smaller id could come to be after one with a larger.
      await tx.manager.query(`SELECT pg_advisory_xact_lock(hashtext('setting_changes'))`);
      await tx.manager.query('INSERT INTO setting_changes (name, value, operator, reason) VALUES ($1, $2, $3, $4)', [
        name,
        value === undefined ? null : JSON.stringify(value),
        by,
        reason,
      ]);
      tx.publish(SettingChanged, { service, setting: name }, { subject: name });
    });
    // It is stored, whether or not it can be read just now: what comes back says what applies here.
    await this.sweepAndReport();
    return this.states.get(name)!;
  }

  protected async sweepAndReport(): Promise<void> {
    await this.reread().catch((error: unknown) =>
      this.logger.warn(`stays with the settings it has, for it cannot read them: ${String(error)}`),
    );
  }

  /** A reading that has begun may have missed what this one is for, so it is followed by another: one, for all that ask meanwhile. */
  private reread(): Promise<void> {
    this.nextReading ??= this.reading.then(() => {
      this.nextReading = undefined;
      const reading = this.read();
      this.reading = reading.catch(() => {});
      return reading;
    });
    return this.nextReading;
  }

  private async read(): Promise<void> {
    const rows = await this.dataSource.query<StoredChange[]>(
      'SELECT DISTINCT ON (name) name, value, operator AS by, reason, at FROM setting_changes ORDER BY name, id DESC',
    );
    const changes = new Map(rows.map((row) => [row.name, row]));
    for (const [name, state] of this.states) this.adopt(state, changes.get(name));
  }

  private adopt(before: SettingState, row: StoredChange | undefined): void {
    const { setting } = before;
    const { name, schema, configured } = setting;
    const stored = row && row.value !== null ? schema.safeParse(row.value) : undefined;
    const isNews = row?.at.getTime() !== before.changed?.at.getTime();
    // Another version has accepted it.
    if (stored?.success === false && isNews) this.logger.warn(`${name} stays as configured: what is stored may not be set`);
    const value = stored?.success ? stored.data : configured;
    this.states.set(name, { setting, value, changed: row ? { value: row.value, at: row.at, by: row.by, reason: row.reason } : null });
    if (value === before.value) return;
    // Said first: it may be the level of the log, and the last that is heard.
    this.logger.log(`${name} is ${value} from now on, and was ${before.value}`);
    setting.apply(value);
  }
}

/** @throws Problem that points at the value */
export function checkValue({ schema }: Pick<RunTimeSetting, 'schema'>, value: unknown): void {
  const { error } = z.object({ value: schema }).safeParse({ value });
  if (error) throw problem('validation', 'See `errors` for each of them.', { errors: fieldErrors(error.issues, { value }) });
}
