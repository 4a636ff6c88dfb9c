import { pspApiKey } from '../world.js';
import { asOperator, eventually } from '#libs/testing';
import { between, shown, type FaultKind, type Stage } from '../fault.js';

/** What the provider and the mail server do to us. */
export const providerFaults: readonly FaultKind[] = [
  misbehaves('provider down', 'Every call to the provider is answered 503.', { down: true }, { down: true }),
  misbehaves('provider slow', 'The provider takes two seconds for most payments and refunds.', {
    mix: { slow: 80, approve: 20 },
    refunds: { slow: 80, approve: 20 },
  }),
  misbehaves('provider lying', 'The provider takes the money and hangs, or answers 500 all the same; or hangs and takes nothing.', {
    mix: { hangCaptured: 30, failCaptured: 30, hangNotCaptured: 20, rateLimited: 10, approve: 10 },
    refunds: { hangCaptured: 30, failCaptured: 30, hangNotCaptured: 20, approve: 20 },
  }),
  misbehaves('webhooks lost', 'The provider announces nothing.', { webhooks: { webhookNever: 1 } }),
  misbehaves('webhooks doubled', 'The provider announces everything twice.', { webhooks: { webhookTwice: 1 } }),
  misbehaves('webhooks shuffled', 'The provider announces out of order, before its answer, and late.', {
    webhooks: { webhookOutOfOrder: 40, webhookFirst: 30, webhookLate: 30 },
  }),
  misbehaves('webhooks forged', 'Somebody announces with a false signature, or plays a recording; the provider itself says nothing.', {
    webhooks: { webhookForged: 50, webhookStale: 50 },
  }),
  {
    kind: 'mail server refuses',
    about: 'The mail server asks everybody to come again later (451).',
    draw: ({ world, random }) => {
      const before = world.mails.refused;
      return {
        target: 'mail server',
        touches: ['mail'],
        lastsMs: between(random, 2_000, 6_000),
        apply: () => world.mails.refuse(451, 'try again later'),
        tookEffect: () => shown(world.mails.refused > before, `${world.mails.refused - before} mails were refused`),
        heal: () => world.mails.accept(),
      };
    },
  },
];

/** The simulator misbehaves as its control endpoint was told, and what it has drawn since shows it. */
function misbehaves(kind: string, about: string, settings: object, evidence?: { down: true }): FaultKind {
  return {
    kind,
    about,
    draw: ({ world, random }: Stage) => {
      const faults = `${world.psp.process.baseUrl}/_faults`;
      const set = (body: object) => controlled('PUT', faults, body);
      return {
        target: 'provider',
        // What it is told is kept in its books.
        touches: [world.psp.name, 'postgres'],
        lastsMs: between(random, 4_000, 10_000),
        apply: () => set({ seed: Math.floor(random.next() * 1_000_000), ...settings }),
        async tookEffect() {
          if (evidence?.down) {
            const { status } = await fetch(`${world.psp.process.baseUrl}/v1/payment_intents`, {
              method: 'POST',
              headers: { authorization: `Bearer ${pspApiKey}` },
              signal: AbortSignal.timeout(2_000),
            });
            return shown(status === 503, 'answers 503');
          }
          const { counts } = (await controlled('GET', faults)) as { counts: Record<string, Record<string, number>> };
          const asked = Object.keys(settings).map((part) => counts[part === 'mix' ? 'payments' : part] ?? {});
          const drawn = Object.entries(asked[0] ?? {}).map(([word, count]) => `${count} ${word}`);
          return shown(drawn.length > 0, `drawn: ${drawn.join(', ')}`);
        },
        heal: () => eventually(() => set({}), { within: 60_000, every: 500 }),
      };
    },
  };
}

async function controlled(method: 'GET' | 'PUT', url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { ...asOperator('chaos'), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the simulator answers ${response.status} to ${method} /_faults: ${text}`);
  return JSON.parse(text);
}
