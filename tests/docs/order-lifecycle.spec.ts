import { describe, expect, it } from 'vitest';
import { orderStatuses, transitions } from '../../apps/order/src/order/order-state.js';
import { paymentMoves, paymentStatuses } from '../../apps/payment/src/payment/payment-state.js';
import { fenced, generatedLines } from './documentation.spec-support.js';

const page = 'docs/explanation/order-lifecycle.md';

describe('the page about the life of an order, which UPDATE_DOCS=1 rewrites', () => {
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
      `Accepted, and nothing changes: ${silent.map(({ from, cause }) => `\`${cause}\` when \`${from}\``).join(', ')}.`,
    ];
    expect(generatedLines(page, 'order-states', lines)).toEqual(lines);
  });

  it('shows the states of a payment as its table of moves has them', () => {
    const changing = paymentMoves.filter(({ from, to, afterOrderEnded }) => from !== to || afterOrderEnded);
    const remembering = paymentMoves.filter((move) => !changing.includes(move));
    const lines = [
      ...fenced('mermaid', [
        'stateDiagram-v2',
        `  [*] --> ${paymentStatuses[0]}`,
        ...changing.flatMap(({ from, on, to, afterOrderEnded }) => [
          `  ${from} --> ${to}: ${on}`,
          ...(afterOrderEnded ? [`  ${from} --> ${afterOrderEnded}: ${on}, after order_ended`] : []),
        ]),
      ]),
      '',
      `Remembered, and the state stays: ${remembering.map(({ from, on }) => `\`${on}\` when \`${from}\``).join(', ')}.`,
    ];
    expect(generatedLines(page, 'payment-states', lines)).toEqual(lines);
  });
});
