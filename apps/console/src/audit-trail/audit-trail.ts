import { Injectable } from '@nestjs/common';
import { CollectsAuditTrail, type Passing, type Transaction } from '#libs/messaging';
import { messagesRecorded } from '../metrics.js';
import { redact } from '../redaction/redact.js';

/** Larger data is noted without it. What our services say is a fraction of this. */
const mostBytes = 64 * 1024;

/** Records everything that is said, each message once, of whatever type. E-mail addresses are not kept: nobody replays from here. */
@Injectable()
export class AuditTrail {
  @CollectsAuditTrail()
  async record(passing: readonly Passing[], tx: Transaction): Promise<void> {
    const recorded: unknown[] = await tx.manager.query(
      `INSERT INTO audit_trail (message_id, exchange, type, source, subject, said_at, causation_id, sequence, data, size_bytes)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::bigint[],
                            $9::text[], $10::integer[])
           AS passing (message_id, exchange, type, source, subject, said_at, causation_id, sequence, data, size_bytes)
        ORDER BY message_id
       ON CONFLICT (message_id) DO NOTHING RETURNING message_id`,
      [
        passing.map(({ messageId }) => messageId),
        passing.map(({ exchange }) => exchange),
        passing.map(({ type }) => type),
        passing.map(({ source }) => source ?? null),
        passing.map(({ subject }) => subject ?? null),
        passing.map(({ at }) => at),
        passing.map(({ causationId }) => causationId ?? null),
        passing.map(({ sequence }) => sequence ?? null),
        passing.map(({ body }) => redactedJson(body)),
        passing.map(({ body }) => body.length),
      ],
    );
    tx.afterCommit(() => messagesRecorded.inc(recorded.length));
  }
}

function redactedJson(body: Buffer): string | null {
  if (body.length > mostBytes) return null;
  try {
    return JSON.stringify(redact(JSON.parse(body.toString('utf8'))));
  } catch {
    return null;
  }
}
