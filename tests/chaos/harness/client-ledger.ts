import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { once } from 'node:events';

export type Act = 'place' | 'pay' | 'cancel' | 'refund' | 'misuse' | 'storm';

/** One request and what came of it, as the client saw it. */
export interface LedgerEntry {
  /** When it was sent, and when the answer came or the client stopped to wait for it; milliseconds since 1970. */
  readonly at: number;
  readonly until: number;
  readonly act: Act;
  readonly customer: string;
  readonly key: string;
  /** Of the body, SHA-256. */
  readonly bodyHash: string;
  readonly replica: string;
  /** Null: no answer. */
  readonly status: number | null;
  /** The problem's type, or why there was no answer. */
  readonly problem?: string;
  /** What the answer names: an order, a payment or a refund. */
  readonly id?: string;
  readonly orderId?: string;
  /** What the answer says that it is now. */
  readonly stands?: string;
  /** Of the order placed, or of the refund; in minor units. */
  readonly amountMinor?: number;
  readonly replayed?: boolean;
}

/** What clients have asked and been answered, on disk as JSON lines: a witness that no service can write to. */
export class ClientLedger {
  private readonly file: WriteStream;

  constructor(private readonly path: string) {
    this.file = createWriteStream(path, { flags: 'a' });
  }

  write(entry: LedgerEntry): void {
    this.file.write(`${JSON.stringify(entry)}\n`);
  }

  async close(): Promise<void> {
    this.file.end();
    await once(this.file, 'close');
  }

  /** All of it, read back from the disk. */
  read(): LedgerEntry[] {
    return readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerEntry);
  }
}

export const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex').slice(0, 16);
