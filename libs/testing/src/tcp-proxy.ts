import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connectionLabel } from './connection-label.js';

export type Direction = 'client-to-server' | 'server-to-client';

/** Which connections: by their label, a pattern of it, or all of them, those without a label included. */
export type Which = string | RegExp | undefined;

interface Target {
  readonly host: string;
  readonly port: number;
}

/** What is this short may be one frame as a whole, such as a heartbeat. */
const fewBytes = 16;

/** A server behind which others stand has to say something within this time, in ms; else it has frozen, and the next one is asked. */
const answersWithinMs = 2_000;

/**
 * Stands on loopback between a client and a server and breaks the line between them: withholds what one side says, delays it, cuts
 * connections, or lets nobody in. Connections are told apart by the name that AMQP and Postgres clients introduce themselves with. Before
 * several servers it gives each new connection to the next of them that answers, as a load balancer does.
 */
export class TcpProxy {
  /** When each connection was refused, in ms of `performance.now()`: see `refuse`. */
  readonly refusedAt: number[] = [];
  /** Connections that were broken in the middle of what was said: see `cutMidway`. */
  brokenMidway = 0;
  /** Pieces of what was said that came later: see `delay`. */
  delayedChunks = 0;
  private readonly lines = new Set<Line>();
  private readonly holds = new Set<{ direction: Direction; which: Which }>();
  private refusing = false;
  private delayMs = 0;
  private next = 0;

  private constructor(
    private readonly server: Server,
    private readonly targets: readonly Target[],
    private readonly speaksWhenSpokenTo: boolean,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  /**
   * @param urls the server's address with its port, for example `amqp://guest:guest@127.0.0.1:5672/vhost`; or those of several that do the same
   * @param options.speaksWhenSpokenTo their protocol has them answer the client's first words at once, as AMQP has: so a frozen one is passed by
   */
  static async before(urls: string | readonly string[], options: { speaksWhenSpokenTo?: boolean } = {}): Promise<TcpProxy> {
    const targets = [urls].flat().map((url) => {
      const { hostname, port } = new URL(url);
      return { host: hostname, port: Number(port) };
    });
    const server = createServer({ noDelay: true });
    server.listen({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new TcpProxy(server, targets, options.speaksWhenSpokenTo ?? false);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The same address, with the proxy in between. */
  through(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${this.port}`;
    return changed.href;
  }

  /** The labels of the open connections. */
  get labels(): string[] {
    return [...this.lines].flatMap((line) => line.label ?? []);
  }

  /** From now on what is said in this direction is kept back, on connections of today and tomorrow. */
  hold(direction: Direction, which?: Which): void {
    this.holds.add({ direction, which });
  }

  /** From now on everything takes this much longer in each direction, on connections of today and tomorrow. 0: no longer. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Breaks each connection of today as soon as more than a few bytes are said on it, in the middle of them. */
  cutMidway(which?: Which): void {
    for (const line of this.matching(which)) line.cutMidway(() => (this.brokenMidway += 1));
  }

  /** Lifts every hold of this direction, or all of them, and passes on what was kept back. */
  release(direction?: Direction): void {
    for (const hold of this.holds) if (direction === undefined || hold.direction === direction) this.holds.delete(hold);
    for (const line of this.lines) line.flush();
  }

  /** Bytes that are being kept back: more than 0 tells that something was said. */
  heldBytes(direction: Direction, which?: Which): number {
    return this.matching(which).reduce((sum, line) => sum + line.heldBytes(direction), 0);
  }

  /** Breaks connections on both sides at once, and what was kept back on them is lost. Says how many there were. */
  cut(which?: Which): number {
    const chosen = this.matching(which);
    for (const line of chosen) line.cut();
    return chosen.length;
  }

  /** From now on a new connection is broken as soon as it is made: as if the server were away. Open ones stay; see `cut`. */
  refuse(): void {
    this.refusing = true;
  }

  /** Back to a line that works: nothing held or delayed, everybody let in. */
  restore(): void {
    this.refusing = false;
    this.delayMs = 0;
    this.release();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.cut();
    await closed;
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      this.refusedAt.push(performance.now());
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const [only] = this.targets;
    if (this.targets.length === 1 && only) this.join(client, connect({ ...only, noDelay: true }));
    else void this.joinFirst(client);
  }

  /** With the first of the servers that takes the connection. */
  private async joinFirst(client: Socket): Promise<void> {
    client.on('error', () => {});
    const [said] = this.speaksWhenSpokenTo ? ((await once(client, 'data').catch(() => [])) as Buffer[]) : [];
    client.pause();
    const turn = this.next++;
    for (let offset = 0; offset < this.targets.length && !client.destroyed; offset += 1) {
      const server = await reach(this.targets[(turn + offset) % this.targets.length]!, said);
      if (!server) continue;
      if (client.destroyed || this.refusing) server.destroy();
      else {
        this.join(client, server);
        return;
      }
    }
    client.resetAndDestroy();
  }

  private join(client: Socket, server: Socket): void {
    const isHeld = (direction: Direction, label: string | undefined) =>
      [...this.holds].some((hold) => hold.direction === direction && fits(label, hold.which));
    const line = new Line(
      client,
      server,
      isHeld,
      () => this.delayMs,
      () => (this.delayedChunks += 1),
      () => this.lines.delete(line),
    );
    this.lines.add(line);
    client.resume();
    server.resume();
  }

  private matching(which: Which): Line[] {
    return [...this.lines].filter((line) => fits(line.label, which));
  }
}

function fits(label: string | undefined, which: Which): boolean {
  if (which === undefined) return true;
  return label !== undefined && (typeof which === 'string' ? label === which : which.test(label));
}

/**
 * A connection to a server; undefined when there is none.
 * @param said the client's first words: the server has them, and its answer can be read from the connection
 */
async function reach(target: Target, said: Buffer | undefined): Promise<Socket | undefined> {
  const server = connect({ ...target, noDelay: true });
  const inTime = AbortSignal.timeout(answersWithinMs);
  try {
    await once(server, 'connect', { signal: inTime });
    if (said) {
      server.write(said);
      const [answer] = (await once(server, 'data', { signal: inTime })) as [Buffer];
      server.pause();
      server.unshift(answer);
    }
    return server;
  } catch {
    server.on('error', () => {});
    server.destroy();
    return undefined;
  }
}

/** One client's connection and the server's that belongs to it. */
class Line {
  label?: string;
  private introduction: Buffer | undefined = Buffer.alloc(0);
  private readonly held: Record<Direction, Buffer[]> = { 'client-to-server': [], 'server-to-client': [] };
  private readonly ended: Record<Direction, boolean> = { 'client-to-server': false, 'server-to-client': false };
  /** What is on its way and has been delayed. */
  private readonly later: Record<Direction, Buffer[]> = { 'client-to-server': [], 'server-to-client': [] };
  private onCutMidway: (() => void) | undefined;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly isHeld: (direction: Direction, label: string | undefined) => boolean,
    private readonly delayMs: () => number,
    private readonly onDelayed: () => void,
    private readonly onClosed: () => void,
  ) {
    this.pass('client-to-server');
    this.pass('server-to-client');
  }

  cutMidway(onCut: () => void): void {
    this.onCutMidway = onCut;
  }

  heldBytes(direction: Direction): number {
    return this.held[direction].reduce((sum, chunk) => sum + chunk.length, 0);
  }

  flush(): void {
    for (const direction of ['client-to-server', 'server-to-client'] as const) {
      if (this.isHeld(direction, this.label)) continue;
      const { to } = this.ends(direction);
      for (const chunk of this.held[direction].splice(0)) to.write(chunk);
      this.endIfDone(direction);
    }
  }

  private endIfDone(direction: Direction): void {
    const { to } = this.ends(direction);
    if (this.ended[direction] && this.held[direction].length === 0 && this.later[direction].length === 0) to.end();
  }

  cut(): void {
    for (const socket of [this.client, this.server]) {
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
    this.onClosed();
  }

  private ends(direction: Direction): { from: Socket; to: Socket } {
    return direction === 'client-to-server' ? { from: this.client, to: this.server } : { from: this.server, to: this.client };
  }

  private pass(direction: Direction): void {
    const { from, to } = this.ends(direction);
    from.on('data', (chunk: Buffer) => {
      if (direction === 'client-to-server') this.listen(chunk);
      if (this.onCutMidway && chunk.length > fewBytes) {
        to.write(chunk.subarray(0, chunk.length >> 1), () => this.cut());
        this.onCutMidway();
        this.onCutMidway = undefined;
      } else if (this.delayMs() > 0 || this.later[direction].length > 0) {
        this.passLater(direction, chunk);
      } else if (this.isHeld(direction, this.label)) {
        this.held[direction].push(chunk);
      } else if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => {
      this.ended[direction] = true;
      this.endIfDone(direction);
    });
    from.on('error', () => this.cut());
    from.on('close', () => {
      if (this.client.destroyed && this.server.destroyed) this.onClosed();
    });
  }

  private passLater(direction: Direction, chunk: Buffer): void {
    const { to } = this.ends(direction);
    const later = this.later[direction];
    later.push(chunk);
    this.onDelayed();
    // Whichever timer fires first takes the oldest: chunks never overtake each other.
    setTimeout(() => {
      const oldest = later.shift()!;
      if (this.isHeld(direction, this.label)) this.held[direction].push(oldest);
      else if (!to.destroyed) to.write(oldest);
      this.endIfDone(direction);
    }, this.delayMs());
  }

  private listen(chunk: Buffer): void {
    if (!this.introduction) return;
    this.introduction = Buffer.concat([this.introduction, chunk]);
    this.label = connectionLabel(this.introduction);
    if (this.label !== undefined || this.introduction.length > 16_384) this.introduction = undefined;
  }
}
