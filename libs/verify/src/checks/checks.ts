import type { Check } from '../check.js';
import { agreement } from './agreement.js';
import { api } from './api.js';
import { captures } from './captures.js';
import { histories } from './histories.js';
import { ledger } from './ledger.js';
import { messaging } from './messaging.js';
import { notices } from './notices.js';
import { once } from './once.js';
import { ordersAndPayments } from './orders-and-payments.js';
import { waiting } from './waiting.js';

/** Everything that is checked: money first, then what moved it, then what is left to do. */
export const checks: readonly Check[] = [
  ...captures,
  ...agreement,
  ...ordersAndPayments,
  ...ledger,
  ...histories,
  ...waiting,
  ...once,
  ...notices,
  ...messaging,
  ...api,
];
