import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { messageTypes, onlyHeard, topology, type MessageType, type QueueDeclaration, type ServiceDeclaration } from '#libs/contracts';
import { problems } from '#libs/http';
import { declarationsOf } from '#libs/messaging';
import { fenced, generatedLines, table } from './documentation.spec-support.js';

const queues: [string, QueueDeclaration][] = Object.entries(topology.queues);
const exchanges = Object.entries(topology.exchanges);
const heardLive: readonly MessageType[] = onlyHeard(topology);
const declared = declarationsOf(topology);
const { delay, deadLetters } = topology;
const code = (word: string) => `\`${word}\``;
const namesOf = (types: readonly MessageType[]) => types.map(({ name }) => code(name)).join(' ');

describe('the page about the topology, which UPDATE_DOCS=1 rewrites', () => {
  const page = 'docs/reference/topology.md';

  it('draws what goes from which exchange to which queue', () => {
    const arrows = queues.flatMap(([queue, { takes }]) =>
      exchanges.flatMap(([kind, { name }]) => {
        const through = takes.filter((type) => type.kind === kind).map((type) => type.name);
        return through.length > 0 ? [`  ${name} -- "${through.join('<br/>')}" --> ${queue}`] : [];
      }),
    );
    const lines = fenced('mermaid', [
      'flowchart LR',
      ...exchanges.map(([, { name, type }]) => `  ${name}{{"${name}<br/>${type}"}}`),
      ...queues.map(([name]) => `  ${name}["${name}"]`),
      ...arrows,
    ]);
    expect(generatedLines(page, 'map', lines)).toEqual(lines);
  });

  it('lists the exchanges', () => {
    const carries = (exchange: string) => {
      const kind = exchanges.find(([, { name }]) => name === exchange)?.[0];
      return kind
        ? `${kind}s`
        : exchange === deadLetters
          ? 'dead letters'
          : exchange === topology.queryExchange
            ? 'questions and answers'
            : exchange === topology.activity.exchange
              ? 'what callers do'
              : exchange.endsWith('.deliver')
                ? 'what has become due'
                : 'what is not due yet';
    };
    const levels = declared.exchanges.filter(({ name }) => /\.\d\d$/.test(name));
    const lines = table(
      ['Exchange', 'Type', 'Carries'],
      [
        ...declared.exchanges.filter((exchange) => !levels.includes(exchange)).map(({ name, type }) => [code(name), type, carries(name)]),
        [`${code(levels[0]!.name)} to ${code(levels.at(-1)!.name)}`, levels[0]!.type, carries(levels[0]!.name)],
      ],
    );
    expect(generatedLines(page, 'exchanges', lines)).toEqual(lines);
  });

  it('lists the work queues with what each takes', () => {
    const rows = queues.map(([name, { takes, prefetch, batch }]) => [code(name), namesOf(takes), prefetch, batch]);
    const lines = table(['Queue', 'Takes', 'Prefetch', 'Largest batch'], rows);
    expect(generatedLines(page, 'queues', lines)).toEqual(lines);
  });

  it('lists the arguments that queues are declared with', () => {
    const examples: [kind: string, queue: string][] = [
      ['Work queue', queues[0]![0]],
      ['Lane', `${delay.name}.lane-${delay.lanes[0]}`],
      ['Level of the cascade', `${delay.name}.04`],
      ['Dead letters', deadLetters],
      ['Queries', topology.queries[0].name],
    ];
    const rows = examples.map(([kind, queue]) => {
      const { arguments: found } = declared.queues.find(({ name }) => name === queue)!;
      return [
        kind,
        code(queue),
        Object.entries(found)
          .map(([name, value]) => code(`${name}: ${value}`))
          .join('<br/>'),
      ];
    });
    const lines = table(['Kind', 'For example', 'Arguments'], rows);
    expect(generatedLines(page, 'arguments', lines)).toEqual(lines);
  });

  it('says how long messages can wait', () => {
    const lines = [
      `- Lanes: ${delay.lanes.map((seconds) => `${seconds} s`).join(', ')}; the queue of the first is \`${delay.name}.lane-${delay.lanes[0]}\`.`,
      `- Cascade: ${delay.levels} levels, from \`${delay.name}.00\` (1 s) to \`${delay.name}.${delay.levels - 1}\` (${2 ** (delay.levels - 1)} s), together at most ${2 ** delay.levels - 1} s.`,
    ];
    expect(generatedLines(page, 'delays', lines)).toEqual(lines);
  });
});

describe('the part of it about what passes no exchange, or any', () => {
  it('lists the queries with who answers, and the audit trail', () => {
    const lines = [
      ...topology.queries.map(({ name }) => `- ${code(name)}: asked by others, answered by the ${name.split('.')[0]} service.`),
      `- ${code(topology.auditTrail.queue)}: bound to ${code(topology.exchanges.event.name)} with ${code('#')}, to ${code(topology.exchanges.notice.name)} and to ${code(topology.exchanges.signal.name)}; declared by the console when it starts, holds ${topology.auditTrail.maxLength} messages, then drops the oldest.`,
    ];
    expect(generatedLines('docs/reference/topology.md', 'queries', lines)).toEqual(lines);
  });
});

describe('the part of it about who may do what', () => {
  it('lists what each service says, asks and hears, and takes', () => {
    const declarations: [string, ServiceDeclaration][] = Object.entries(topology.services);
    const rows = declarations.map(([service, { says = [], asks = [], hears = [], repairs }]) => [
      service,
      namesOf(says),
      asks.map(({ name }) => code(name)).join(' '),
      namesOf(hears),
      [code(`${service}.*`), ...(repairs ? [code(deadLetters)] : [])].join(' '),
    ]);
    const lines = table(['User', 'Says', 'Asks', 'Hears live', 'Takes from'], rows);
    expect(generatedLines('docs/reference/topology.md', 'users', lines)).toEqual(lines);
  });
});

describe('the page about the messages, which UPDATE_DOCS=1 rewrites', () => {
  it('has a section for each', () => {
    const lines = messageTypes.flatMap((type, index) => {
      const takers = queues.filter(([, { takes }]) => takes.includes(type)).map(([name]) => code(name));
      const omissible = omissibleMembers(type);
      return [
        ...(index > 0 ? [''] : []),
        `## ${type.name}`,
        '',
        ...table(
          ['Kind', 'Delivery', 'Exchange', 'Taken by'],
          [
            heardLive.includes(type)
              ? [type.kind, 'at-most-once', code(topology.exchanges[type.kind].name), 'each replica that listens, from a queue of its own']
              : [type.kind, type.delivery, code(topology.exchanges[type.kind].name), takers.join(' ')],
          ],
        ),
        '',
        ...(omissible.length > 0 ? [`May be left out: ${omissible.map(code).join(', ')}.`, ''] : []),
        ...fenced('json', JSON.stringify(type.example, undefined, 2).split('\n')),
      ];
    });
    expect(generatedLines('docs/reference/messages.md', 'messages', lines)).toEqual(lines);
  });
});

describe('the page about the problems, which UPDATE_DOCS=1 rewrites', () => {
  it('lists each with its status and title', () => {
    const rows = Object.entries(problems).map(([slug, entry]) => {
      const retryAfter = 'retryAfterSeconds' in entry ? `${entry.retryAfterSeconds} s` : '';
      return [entry.status, code(`/problems/${slug}`), entry.title, retryAfter];
    });
    const lines = table(['Status', 'Type', 'Title', 'Retry-After'], rows);
    expect(generatedLines('docs/reference/problems.md', 'problems', lines)).toEqual(lines);
  });
});

function omissibleMembers(type: MessageType): string[] {
  const { properties = {}, required = [] } = z.toJSONSchema(type.schema);
  return Object.keys(properties).filter((member) => !required.includes(member));
}
