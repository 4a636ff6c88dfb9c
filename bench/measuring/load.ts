import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { asCustomer, projectRoot } from '#libs/testing';

/** What the load generator is asked to do. */
export type Load =
  | {
      readonly kind: 'saturating';
      readonly url: string;
      readonly orders: number;
      readonly connections: number;
      /** The most orders that are accepted and not yet told of: a queue that grows for ever measures nothing. */
      readonly outstanding: number;
      /** Who places them: one of so many customers, at random. Left out, it is always the same one. */
      readonly customers?: number;
      readonly told: { readonly databaseUrl: string; readonly count: string };
    }
  | { readonly kind: 'paced'; readonly url: string; readonly perSecond: number; readonly seconds: number };

/** Somebody who places orders. */
export interface Placer {
  readonly name: string;
  /** The `Authorization` header. */
  readonly authorization: string;
}

/** What it has done. Times in milliseconds since 1970, by this machine's clock. */
export type LoadDone =
  | {
      readonly kind: 'done';
      /** `dueAt` is when it should have been sent, which is what a customer waits from. */
      readonly placed: { readonly id: string; readonly dueAt: number; readonly acceptedAt: number }[];
      /** What it has cost the load generator itself. */
      readonly processorMs: number;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** The load generator. After a failure it is of no more use: what it has begun goes on. */
export class LoadGenerator {
  private readonly child: ChildProcess;
  private placers: readonly Placer[] = [];

  constructor() {
    const program = join(projectRoot, 'dist', 'bench', 'measuring', 'load-generator.js');
    // Detached, so that Ctrl-C in a terminal leaves it to us when it ends. It ends with us, whatever happens.
    this.child = fork(program, { stdio: 'inherit', execArgv: [], detached: true });
  }

  /** @throws when an order is refused, or the load generator ends */
  put(load: Load): Promise<Extract<LoadDone, { kind: 'done' }>> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('the load generator has ended'));
      this.child.once('exit', onExit);
      this.child.once('message', (done: LoadDone) => {
        this.child.off('exit', onExit);
        if (done.kind === 'done') resolve(done);
        else reject(new Error(done.message));
      });
      this.child.send({ load, placers: this.placersOf(load) });
    });
  }

  /** Made once: ten thousand signatures take half a second. */
  private placersOf(load: Load): readonly Placer[] {
    const customers = load.kind === 'saturating' ? load.customers : undefined;
    if (this.placers.length !== (customers ?? 1)) {
      const names = customers === undefined ? ['alice'] : Array.from({ length: customers }, (_, index) => `customer-${index}`);
      this.placers = names.map((name) => ({ name, authorization: asCustomer(name)['authorization']! }));
    }
    return this.placers;
  }

  stop(): void {
    this.child.removeAllListeners();
    if (this.child.connected) this.child.disconnect();
  }
}
