import { describe, expect, it } from 'vitest';
import { orderStatuses, transitions } from '../../apps/order/src/order/order-state.js';
import { paymentStatuses, transitions as paymentTransitions } from '../../apps/payment/src/payment/payment-state.js';
import { fenced, generatedLines } from './documentation.spec-support.js';

describe('the pages about the life of an order and about payments, which UPDATE_DOCS=1 rewrites', () => {
  it('shows the states of an order as its transition table has them', () => {
    const told = transitions.filter(({ from, to, says }) => from !== to || says.length > 0);
    const silent = transitions.filter((transition) => !told.includes(transition));
    const lines = [
      ...fenced('mermaid', [
        'stateDiagram-v2',
        `  [*] --> ${orderStatuses[0]}: placed / order.placed.v1`,
        ...told.map(({ from, cause, to, says }) => `  ${from} --> ${to}: ${[cause, says.join(', ')].join(' / ')}`),
      ]),
      '',
      `Accepted, and nothing changes: ${byCause(silent)}.`,
    ];
    expect(generatedLines('docs/explanation/order-lifecycle.md', 'order-states', lines)).toEqual(lines);
  });

  it('shows the states of a payment as its transition table has them', () => {
    const changing = paymentTransitions.filter(({ from, to, afterOrderEnded }) => from !== to || afterOrderEnded);
    const remembering = paymentTransitions.filter((transition) => !changing.includes(transition));
    const lines = [
      ...fenced('mermaid', [
        'stateDiagram-v2',
        `  [*] --> ${paymentStatuses[0]}`,
        ...changing.flatMap(({ from, cause, to, afterOrderEnded }) => [
          `  ${from} --> ${to}: ${cause}`,
          ...(afterOrderEnded ? [`  ${from} --> ${afterOrderEnded}: ${cause}, after order_ended`] : []),
        ]),
      ]),
      '',
      `Remembered, and the state stays: ${byCause(remembering)}.`,
    ];
    expect(generatedLines('docs/explanation/payments.md', 'payment-states', lines)).toEqual(lines);
  });
});

/** Which states a cause leaves as they are. */
function byCause(rows: readonly { from: string; cause: string }[]): string {
  const causes = [...new Set(rows.map(({ cause }) => cause))];
  const statesOf = (cause: string) => rows.filter((row) => row.cause === cause).map(({ from }) => `\`${from}\``);
  return causes.map((cause) => `\`${cause}\` when ${statesOf(cause).join(', ')}`).join('; ');
}
