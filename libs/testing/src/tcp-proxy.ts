import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connectionLabel } from './connection-label.js';

export type Direction = 'client-to-server' | 'server-to-client';

/** Which connections: by their label, a pattern of it, or all of them, those without a label included. */
export type Which = string | RegExp | undefined;

/**
 * Stands on loopback between a client and a server and breaks the line between them: withholds what one side says, cuts connections,
 * or lets nobody in. Connections are told apart by the name that AMQP and Postgres clients introduce themselves with.
 */
export class TcpProxy {
  /** When each connection was refused, in ms of `performance.now()`: see `refuse`. */
  readonly refusedAt: number[] = [];
  private readonly lines = new Set<Line>();
  private readonly holds = new Set<{ direction: Direction; which: Which }>();
  private refusing = false;

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  /** @param url the server's address with its port, for example `amqp://guest:guest@127.0.0.1:5672/vhost` */
  static async before(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer({ noDelay: true });
    server.listen({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new TcpProxy(server, { host: hostname, port: Number(port) });
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

  /** Back to a line that works: nothing held, everybody let in. */
  restore(): void {
    this.refusing = false;
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
    const isHeld = (direction: Direction, label: string | undefined) =>
      [...this.holds].some((hold) => hold.direction === direction && fits(label, hold.which));
    const line = new Line(client, connect({ ...this.target, noDelay: true }), isHeld, () => this.lines.delete(line));
    this.lines.add(line);
  }

  private matching(which: Which): Line[] {
    return [...this.lines].filter((line) => fits(line.label, which));
  }
}

function fits(label: string | undefined, which: Which): boolean {
  if (which === undefined) return true;
  return label !== undefined && (typeof which === 'string' ? label === which : which.test(label));
}

/** One client's connection and the server's that belongs to it. */
class Line {
  label?: string;
  private introduction: Buffer | undefined = Buffer.alloc(0);
  private readonly held: Record<Direction, Buffer[]> = { 'client-to-server': [], 'server-to-client': [] };
  private readonly ended: Record<Direction, boolean> = { 'client-to-server': false, 'server-to-client': false };

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly isHeld: (direction: Direction, label: string | undefined) => boolean,
    private readonly onClosed: () => void,
  ) {
    this.pass('client-to-server');
    this.pass('server-to-client');
  }

  heldBytes(direction: Direction): number {
    return this.held[direction].reduce((sum, chunk) => sum + chunk.length, 0);
  }

  flush(): void {
    for (const direction of ['client-to-server', 'server-to-client'] as const) {
      if (this.isHeld(direction, this.label)) continue;
      const { to } = this.ends(direction);
      for (const chunk of this.held[direction].splice(0)) to.write(chunk);
      if (this.ended[direction]) to.end();
    }
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
      if (this.isHeld(direction, this.label)) {
        this.held[direction].push(chunk);
      } else if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => {
      this.ended[direction] = true;
      if (this.held[direction].length === 0) to.end();
    });
    from.on('error', () => this.cut());
    from.on('close', () => {
      if (this.client.destroyed && this.server.destroyed) this.onClosed();
    });
  }

  private listen(chunk: Buffer): void {
    if (!this.introduction) return;
    this.introduction = Buffer.concat([this.introduction, chunk]);
    this.label = connectionLabel(this.introduction);
    if (this.label !== undefined || this.introduction.length > 16_384) this.introduction = undefined;
  }
}
