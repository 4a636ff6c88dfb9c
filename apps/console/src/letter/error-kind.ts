import { redactText } from '../redaction/redact.js';

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** An error without what differs from one message to the next, so that those that died of the same can be counted together. */
export function errorKind(error: string): string {
  return redactText(error).replaceAll(uuids, '…').replaceAll(/\d+/g, '#').slice(0, 300);
}
