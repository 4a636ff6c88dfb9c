import { describe, expect, it } from 'vitest';
import { asyncApiDocument, messageTypes, topology } from '#libs/contracts';
import { serveMessagePages } from './message-pages.js';

const answers = new Map<string, { headers: Record<string, string>; body: string }>();
serveMessagePages({
  get(path, handler) {
    const headers: Record<string, string> = {};
    const reply = {
      header(name: string, value: string) {
        headers[name] = value;
        return reply;
      },
      send: (body: unknown) => void answers.set(path, { headers, body: String(body) }),
    };
    handler(undefined, reply);
  },
});

describe('the page about the messages', () => {
  const { headers, body } = answers.get('/docs/messages')!;

  it('shows every message with its example, and every exchange and queue', () => {
    expect(headers['content-type']).toMatch(/^text\/html/);
    for (const { name } of messageTypes) expect(body).toContain(`<h3 id="${name}">`);
    for (const name of [...Object.values(topology.exchanges).map((exchange) => exchange.name), ...Object.keys(topology.queues)]) {
      expect(body).toContain(`<tr id="${name}">`);
    }
    expect(body).toContain('&quot;alice@example.com&quot;');
  });

  it('fetches nothing, and its links lead somewhere', () => {
    expect(body).not.toMatch(/<script|<link|<img|https?:/);
    const anchors = [...body.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
    expect(anchors.filter((anchor) => !body.includes(`id="${anchor}"`))).toEqual([]);
  });
});

describe('the document about the messages', () => {
  it('is served as it is', () => {
    expect(JSON.parse(answers.get('/docs/messages-json')!.body)).toEqual(JSON.parse(JSON.stringify(asyncApiDocument())));
  });
});
