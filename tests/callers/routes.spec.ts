import { describe, expect, it } from 'vitest';
import { allRoutes, nameOf } from './routes.spec-support.js';

const routes = await allRoutes();
const named = (wanted: (route: (typeof routes)[number]) => boolean) => routes.filter(wanted).map(nameOf).toSorted();

/** The simulator speaks for somebody else's system, with its own ways to know a caller. */
const guardsOfSimulator = ['ApiKeyGuard', 'OperatorGuard'];

describe('who may use a route', () => {
  it('is said at every route of every app', () => {
    expect(new Set(routes.map(({ app }) => app))).toEqual(new Set(['order', 'payment', 'notification', 'console', 'psp-simulator']));
    const isSaid = ({ app, access, guards }: (typeof routes)[number]) =>
      app === 'psp-simulator' ? guards.some((guard) => guardsOfSimulator.includes(guard)) : access !== undefined;
    expect(named((route) => !isSaid(route))).toEqual([]);
  });

  it('is everybody only where it was meant', () => {
    expect(named(({ access }) => access === 'everybody')).toEqual(['GET /products', 'GET /products/:sku', 'POST /webhooks/psp']);
  });

  it('is an operator where money goes back, at the console, and where the provider is told to misbehave', () => {
    const others = routes.filter(({ app, access }) => app === 'console' && access !== 'operators');
    expect(others.map(nameOf)).toEqual([]);
    expect(named(({ path, access }) => path.endsWith('/refunds') && access === 'operators')).toEqual(['POST /payments/:id/refunds']);
    const faults = routes.filter(({ path }) => path.startsWith('/_faults'));
    expect(faults.map(({ guards }) => guards.includes('OperatorGuard'))).toEqual([true, true, true]);
  });
});
