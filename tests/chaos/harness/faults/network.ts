import { connect } from 'node:net';
import type { TcpProxy } from '#libs/testing';
import { between, shown, type FaultKind, type Stage } from '../fault.js';

/** A line between two processes, and what it is called. */
interface Line {
  readonly name: string;
  readonly owner: string;
  readonly proxy: TcpProxy;
}

/** What happens to lines. */
export const networkFaults: readonly FaultKind[] = [
  {
    kind: 'connections cut',
    about: 'Every connection of a line is reset, and new ones are let in at once.',
    draw: (stage) => {
      const line = busyLine(stage);
      let cut = 0;
      return {
        target: line.name,
        touches: [line.owner],
        apply: () => void (cut += line.proxy.cut()),
        tookEffect: () => {
          if (cut === 0) cut += line.proxy.cut();
          return shown(cut > 0, `${cut} connections were reset`);
        },
        heal: () => {},
      };
    },
  },
  {
    kind: 'nobody let in',
    about: 'Every connection of a line is reset, and new ones are refused for some seconds.',
    draw: (stage) => {
      const line = busyLine(stage);
      let cut = 0;
      return {
        target: line.name,
        touches: [line.owner],
        lastsMs: between(stage.random, 2_000, 8_000),
        apply: () => {
          line.proxy.refuse();
          cut = line.proxy.cut();
        },
        tookEffect: async () => shown(await refuses(line.proxy), `${cut} connections were reset, and a new one is too`),
        heal: () => line.proxy.restore(),
      };
    },
  },
  {
    kind: 'half open',
    about: 'What one side of a line says does not arrive any more, though every connection stays; later they are reset.',
    draw: (stage) => {
      const line = busyLine(stage);
      const direction = stage.random.pick(['client-to-server', 'server-to-client'] as const);
      return {
        target: `${line.name}, ${direction}`,
        touches: [line.owner],
        lastsMs: between(stage.random, 4_000, 12_000),
        apply: () => line.proxy.hold(direction),
        tookEffect: () => {
          const bytes = line.proxy.heldBytes(direction);
          return shown(bytes > 0, `${bytes} bytes did not arrive`);
        },
        heal: () => {
          line.proxy.cut();
          line.proxy.restore();
        },
      };
    },
  },
  {
    kind: 'delay',
    about: 'Whatever is said on a line takes up to half a second longer, in each direction.',
    draw: (stage) => {
      const line = busyLine(stage);
      const ms = between(stage.random, 50, 500);
      return {
        target: `${line.name} ${ms} ms`,
        touches: [line.owner],
        lastsMs: between(stage.random, 4_000, 10_000),
        apply: () => line.proxy.delay(ms),
        tookEffect: () => shown(line.proxy.delayedChunks > 0, `${line.proxy.delayedChunks} pieces came later`),
        heal: () => line.proxy.restore(),
      };
    },
  },
  {
    kind: 'reset in the middle of a frame',
    about: 'Each connection of a line is reset when half of what is being said has passed.',
    draw: (stage) => {
      const line = busyLine(stage);
      const before = line.proxy.brokenMidway;
      return {
        target: line.name,
        touches: [line.owner],
        apply: () => line.proxy.cutMidway(),
        tookEffect: () => shown(line.proxy.brokenMidway > before, `${line.proxy.brokenMidway - before} connections were reset midway`),
        heal: () => {},
      };
    },
  },
];

/** One on which something is said all the time, or a fault would meet nobody. */
function busyLine({ world, random }: Stage): Line {
  const lines = [...world.replicas, world.psp].flatMap(({ name, service, links }) =>
    [...links].flatMap(([link, proxy]): Line[] =>
      // Customers call two services only, and the provider is reached by the lines of the payment service.
      link === 'http' && service !== 'order' && service !== 'payment' ? [] : [{ name: `${name} ${linkNames[link]}`, owner: name, proxy }],
    ),
  );
  return random.pick([...lines, { name: 'provider to payment webhooks', owner: world.psp.name, proxy: world.webhookLine }]);
}

const linkNames = {
  http: 'from clients',
  rabbitmq: 'to broker',
  database: 'to database',
  provider: 'to provider',
  mail: 'to mail server',
} as const;

function refuses(proxy: TcpProxy): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.setTimeout(1_000, () => {
      socket.destroy();
      settle(false);
    });
    socket.on('error', () => {}).on('close', () => settle(true));
  });
}
