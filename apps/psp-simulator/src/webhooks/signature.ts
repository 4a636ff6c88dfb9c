import { createHmac } from 'node:crypto';

/** How a webhook is signed. `stale` is genuine, and ten minutes old: twice what receivers allow. */
export type Signing = 'genuine' | 'forged' | 'stale';

const staleSeconds = 600;
const secretOfSomebodyElse = 'whsec_of_somebody_else';

/**
 * The `Stripe-Signature` header of a body: the time in Unix seconds, and the HMAC of both in hexadecimal digits.
 * https://docs.stripe.com/webhooks/signature
 */
export function signatureOf(body: string, secret: string, now: Date, signing: Signing = 'genuine'): string {
  const time = Math.floor(now.getTime() / 1000) - (signing === 'stale' ? staleSeconds : 0);
  const key = signing === 'forged' ? secretOfSomebodyElse : secret;
  return `t=${time},v1=${createHmac('sha256', key).update(`${time}.${body}`).digest('hex')}`;
}
