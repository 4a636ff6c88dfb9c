import { asyncApiDocument, type AsyncApiDocument } from '#libs/contracts';

interface Reply {
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

/** As much of Nest's HTTP adapter as is used here. */
interface Routes {
  get(path: string, handler: (request: unknown, reply: Reply) => void): unknown;
}

/** Serves the AsyncAPI document at `/docs/messages-json`, and as a page at `/docs/messages`: beside those of the HTTP API, open to everybody. */
export function serveMessagePages(routes: Routes): void {
  const document = asyncApiDocument();
  const [json, page] = [JSON.stringify(document), messagePage(document)];
  routes.get('/docs/messages-json', (_request, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(json));
  routes.get('/docs/messages', (_request, reply) => reply.header('content-type', 'text/html; charset=utf-8').send(page));
}

/** The document to read: one page without scripts, which fetches nothing. */
export function messagePage({ info, channels, components }: AsyncApiDocument): string {
  const all = Object.entries(channels).map(([id, channel]) => ({ id, ...channel }));
  const exchanges = all.filter(({ bindings }) => bindings.amqp['is'] === 'routingKey');
  const queues = all.filter(({ bindings }) => bindings.amqp['is'] === 'queue');
  const messages = Object.values(components.messages).map((message) => {
    const places = (among: typeof all) => among.filter(({ messages: those }) => message.name in those).map(({ id }) => linkTo(id));
    return [
      `<h3 id="${escape(message.name)}">${escape(message.name)}</h3>`,
      `<p>${escape(message.summary)}. Sent to ${places(exchanges).join(', ')}, taken by ${places(queues).join(', ')}.</p>`,
      `<pre>${pretty(message.examples[0]?.payload)}</pre>`,
      `<details><summary>JSON Schema</summary><pre>${pretty(message.payload)}</pre></details>`,
    ].join('\n');
  });
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(info.title)}</title><style>${style}</style></head>`,
    '<body>',
    `<h1>${escape(info.title)}</h1>`,
    `<p>${escape(info.description)}</p>`,
    '<p>The AsyncAPI document: <a href="/docs/messages-json">/docs/messages-json</a>. The HTTP API: <a href="/docs">/docs</a>.</p>',
    '<h2>Where they are sent</h2>',
    channelTable(exchanges),
    '<h2>Where they are taken</h2>',
    channelTable(queues),
    '<h2>Messages</h2>',
    ...messages,
    '<h2>Headers of every message</h2>',
    `<pre>${pretty(components.schemas['Envelope'])}</pre>`,
    '</body>',
    '</html>',
  ].join('\n');
}

function channelTable(channels: readonly (AsyncApiDocument['channels'][string] & { readonly id: string })[]): string {
  const rows = channels.map(({ id, title, description, messages }) => {
    const links = Object.keys(messages).map(linkTo).join('<br>');
    return `<tr id="${escape(id)}"><td>${escape(title)}</td><td>${links}</td><td>${escape(description)}</td></tr>`;
  });
  return `<table>${rows.join('\n')}</table>`;
}

const linkTo = (name: string): string => `<a href="#${escape(name)}">${escape(name)}</a>`;

const pretty = (value: unknown): string => escape(JSON.stringify(value, undefined, 2));

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character]!);
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #ccc; padding: .4rem .8rem .4rem 0; vertical-align: top }
pre { background: #f4f4f4; padding: .8rem; overflow-x: auto; font-size: .85rem }
h3 { margin-top: 2rem }
`;
