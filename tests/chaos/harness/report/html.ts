import type { ChaosReport } from './chaos-report.js';

const width = 1_160;
const left = 52;
const stripHeight = 92;
const barHeight = 15;

/** A page that needs nothing but itself: the verdict, what happened when, and what each kind of fault has cost. */
export function htmlOf(report: ChaosReport): string {
  const { green, seed, profile, acknowledged, takenOn } = report;
  const title = `Chaos run, seed ${seed}: ${green ? 'every promise kept' : 'a promise was broken'}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
<main>
<h1 class="${green ? 'good' : 'bad'}">${escaped(title)}</h1>
<p>${escaped(`${takenOn}, profile ${profile}, ${report.perSecond.toFixed(1)} orders/s for ${report.loadSeconds} s, then ${report.drainSeconds} s until everything was at rest. ${report.checks.passed} checks of the books passed, ${report.checks.failed} failed.`)}</p>
<section class="tiles">${tiles(report)}</section>
<p>${escaped(boundInWords(report.bound, acknowledged))}</p>
${findings(report)}
<h2>What happened when</h2>
${timeline(report)}
<h2>Faults</h2>
${kinds(report)}
${skipped(report)}
${exits(report)}
<h2>What clients were answered</h2>
${requests(report)}
<p class="quiet">To repeat it: <code>${escaped(report.command)}</code>. ${escaped(machine(report))}</p>
</main>
</html>
`;
}

export function boundInWords(bound: number | null, acknowledged: number): string {
  if (bound === null) return 'Something was lost, so nothing is bounded.';
  return `None of ${acknowledged.toLocaleString('en-US')} acknowledged orders was lost: with 95 % confidence, under faults like these, fewer than 3/n = ${(bound * 100).toPrecision(2)} % are.`;
}

export function machine({ machine: { processor, cores, memoryGb, kernel, node, postgres, rabbitmq } }: ChaosReport): string {
  return `${processor}, ${cores} cores, ${memoryGb} GB, ${kernel}; Node ${node}, Postgres ${postgres}, RabbitMQ ${rabbitmq}.`;
}

function tiles(report: ChaosReport): string {
  const words = ['attempted', 'acknowledged', 'lost', 'duplicated', 'stuck', 'contradicted', 'recovered'] as const;
  const isBad = (word: string) => ['lost', 'duplicated', 'stuck', 'contradicted'].includes(word);
  return words
    .map(
      (word) =>
        `<div class="${isBad(word) ? (report[word] === 0 ? 'good' : 'bad') : ''}"><b>${report[word].toLocaleString('en-US')}</b>${word}</div>`,
    )
    .join('');
}

function findings({ findings: all }: ChaosReport): string {
  if (all.length === 0) return '';
  const rows = all.slice(0, 200).map(({ word, witness, what }) => `<tr><td class="bad">${word}<td>${escaped(witness)}<td>${escaped(what)}`);
  return `<h2>What is wrong</h2><table><tr><th>Word<th>Witness<th>What${rows.join('')}</table>`;
}

/** Strips of what was measured each second, above bars of what was done. */
function timeline(report: ChaosReport): string {
  const { series, timeline: faults } = report;
  const seconds = Math.max(series.acknowledged.length, 1);
  const x = (second: number) => left + (second / seconds) * (width - left);
  const strips = [
    {
      name: 'orders/s',
      lines: [
        ['acknowledged', series.acknowledged],
        ['settled', series.settled],
      ] as const,
    },
    { name: 'outbox rows', lines: [['outbox', series.outbox]] as const },
    { name: 'in queues', lines: [['queued', series.queued]] as const },
    { name: 'largest MB', lines: [['memory', series.largestMb]] as const },
  ];
  const rowOf = packed(faults, seconds / 9);
  const barsTop = strips.length * (stripHeight + 14) + 6;
  const height = barsTop + (Math.max(0, ...rowOf) + 1) * (barHeight + 3) + 24;
  const shades = faults.map(
    ({ from, until }) =>
      `<rect class="shade" x="${x(from).toFixed(1)}" width="${Math.max(1, x(until) - x(from)).toFixed(1)}" y="0" height="${barsTop - 8}"/>`,
  );
  const bars = faults.map(({ kind, target, from, until, evidence, recovery }, index) => {
    const y = barsTop + rowOf[index]! * (barHeight + 3);
    const about = `${kind} (${target}), ${from} s to ${until} s: ${evidence}; ${recovery === null ? 'recovery not seen' : `back at 90 % after ${recovery} s`}`;
    return `<g><title>${escaped(about)}</title><rect class="bar" x="${x(from).toFixed(1)}" y="${y}" width="${Math.max(2, x(until) - x(from)).toFixed(1)}" height="${barHeight}" rx="2"/><text x="${(x(from) + 4).toFixed(1)}" y="${y + 11}">${escaped(kind)}</text></g>`;
  });
  const drawn = strips.map(({ name, lines }, index) => strip(name, lines, index * (stripHeight + 14), x));
  const every = seconds > 600 ? 120 : seconds > 200 ? 30 : 10;
  const ticks = Array.from({ length: Math.floor(seconds / every) + 1 }, (_, index) => index * every).map(
    (second) =>
      `<text class="tick" x="${x(second).toFixed(1)}" y="${height - 6}">${second >= 120 ? `${(second / 60).toFixed(second % 60 === 0 ? 0 : 1)} min` : `${second} s`}</text>`,
  );
  return `<p class="legend"><i class="acknowledged"></i>acknowledged <i class="settled"></i>settled (paid, cancelled or expired) <i class="shaded"></i>a fault is on</p>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline of throughput, outbox, queues, memory and faults">${shades.join('')}${drawn.join('')}${bars.join('')}${ticks.join('')}</svg>`;
}

function strip(
  name: string,
  lines: readonly (readonly [string, readonly (number | null)[]])[],
  top: number,
  x: (second: number) => number,
): string {
  const most = Math.max(1, ...lines.flatMap(([, values]) => values.map((value) => value ?? 0)));
  const y = (value: number) => top + stripHeight - (value / most) * (stripHeight - 14);
  const paths = lines.map(([line, values]) => {
    let pen = 'M';
    const points = values.map((value, second) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const point = `${pen}${x(second).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
      return point;
    });
    return `<path class="line ${line}" d="${points.join('')}"/>`;
  });
  return `<text class="name" x="0" y="${top + 12}">${name}</text><text class="tick" x="0" y="${top + 28}">${Math.round(most).toLocaleString('en-US')}</text><path class="axis" d="M${left} ${top + stripHeight}H${width}"/>${paths.join('')}`;
}

/** A row for each bar, so that no two of a row overlap; `least` is the room that a bar's name needs, in seconds. */
function packed(faults: ChaosReport['timeline'], least: number): number[] {
  const ends: number[] = [];
  return faults.map(({ from, until }) => {
    const free = ends.findIndex((end) => end <= from);
    const row = free === -1 ? ends.length : free;
    ends[row] = Math.max(until, from + least);
    return row;
  });
}

function kinds({ kinds: all }: ChaosReport): string {
  const seconds = (value: number | null) => (value === null ? '' : value.toFixed(1));
  const rows = all.map(
    ({ kind, about, times, recovery, unseen }) =>
      `<tr><td><b>${escaped(kind)}</b><br><span class="quiet">${escaped(about)}</span><td class="number">${times}<td class="number">${seconds(recovery.median)}<td class="number">${seconds(recovery.longest)}<td class="number">${unseen || ''}`,
  );
  return `<table><tr><th>Kind<th>Times<th>Back at 90 % after, s: median<th>longest<th>not seen${rows.join('')}</table>`;
}

function skipped({ skipped: all, missed }: ChaosReport): string {
  const list = (of: readonly { kind: string; why: string }[]) => of.map(({ kind, why }) => `${escaped(kind)} (${escaped(why)})`).join(', ');
  return (
    (all.length === 0 ? '' : `<p>Not applied: ${list(all)}.</p>`) +
    (missed.length === 0 ? '' : `<p>Applied without an effect that was seen, and not counted: ${list(missed)}.</p>`)
  );
}

function exits({ unaskedExits }: ChaosReport): string {
  if (unaskedExits.length === 0) return '';
  const rows = unaskedExits.map(
    ({ second, replica, code, said }) =>
      `<tr><td class="number">${second}<td>${escaped(replica)}<td class="number">${code ?? ''}<td><pre>${escaped(said)}</pre>`,
  );
  return `<h2>Services that ended by themselves, and were started again</h2><table><tr><th>Second<th>Replica<th>Exit code<th>Last words${rows.join('')}</table>`;
}

function requests({ requests: counts }: ChaosReport): string {
  const rows = Object.entries(counts).map(
    ([answer, times]) => `<tr><td>${escaped(answer)}<td class="number">${times.toLocaleString('en-US')}`,
  );
  return `<table><tr><th>Act and answer<th>Times${rows.join('')}</table>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --quiet: #667; --line: #d8dde4; --good: #13734b; --bad: #b3261e; --a: #2f6fde; --b: #d9822b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --paper: #14181f; --quiet: #98a2b3; --line: #333b47; --good: #4fc08d; --bad: #ff7b72; --a: #7aa7ff; --b: #f0a860; } }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 1180px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; } h2 { font-size: 18px; margin-top: 32px; }
.good { color: var(--good); } .bad { color: var(--bad); } .quiet { color: var(--quiet); }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; }
.tiles div { border: 1px solid var(--line); border-radius: 6px; padding: 8px 16px; min-width: 92px; } .tiles b { display: block; font-size: 24px; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: 5px 8px; border-bottom: 1px solid var(--line); } .number { text-align: right; font-variant-numeric: tabular-nums; }
pre { margin: 0; white-space: pre-wrap; font-size: 12px; } code { font-size: 13px; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--ink); } svg .tick { fill: var(--quiet); } svg .name { font-weight: 600; }
.line { fill: none; stroke: var(--a); stroke-width: 1.4; } .line.settled { stroke: var(--b); } .axis { stroke: var(--line); fill: none; } .shade { fill: var(--bad); opacity: 0.08; } .bar { fill: var(--bad); opacity: 0.35; }
.legend i { display: inline-block; width: 14px; height: 8px; margin: 0 4px 0 12px; background: var(--a); } .legend .settled { background: var(--b); } .legend .shaded { background: var(--bad); opacity: 0.3; }
`;
