/**
 * Loaded into a service before its own code (`node --import`). At SIGUSR2 it reads from the file CHAOS_CLOCK by how many milliseconds the
 * clock is wrong from now on, and writes what it shows into a file beside it. Timers and the monotonic clock stay right, as they do when
 * somebody sets a machine's clock.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['CHAOS_CLOCK'];
const TrueDate = Date;
let shiftMs = 0;

if (file !== undefined) {
  process.on('SIGUSR2', () => {
    shiftMs = Number(readFileSync(file, 'utf8'));
    globalThis.Date = shiftMs === 0 ? TrueDate : shiftedDate;
    writeFileSync(`${file}.shown`, String(Date.now()));
  });
}

const now = () => TrueDate.now() + shiftMs;

const shiftedDate: DateConstructor = new Proxy(TrueDate, {
  construct: (target, given: [], asked) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, asked === shiftedDate ? target : asked),
  apply: () => new TrueDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});
