import { describe, expect, it } from 'vitest';
import { drawRefund, drawScenario } from './draw.js';
import { fixedScenarios } from './scenarios.js';

const visa = fixedScenarios['pm_card_visa']!;
const mix = { approve: 6, decline: 1, hangCaptured: 1 };
const places = Array.from({ length: 1000 }, (_, index) => index + 1);
const sequence = (seed: number, method = 'pm_card_visa') =>
  places.map((place) => drawScenario(visa, method, place, { seed, mix, webhooks: { once: 1, webhookNever: 1 } }));

describe('what is drawn', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(sequence(7)).toEqual(sequence(7));
    expect(sequence(7)).not.toEqual(sequence(8));
  });

  it('does not depend on the order in which the weights are written', () => {
    const turned = { hangCaptured: 1, decline: 1, approve: 6 };
    for (const place of places) {
      expect(drawScenario(visa, 'pm_card_visa', place, { seed: 7, mix: turned })).toEqual(
        drawScenario(visa, 'pm_card_visa', place, { seed: 7, mix }),
      );
    }
  });

  it('comes about as often as its weight says', () => {
    const answers = sequence(7).map(({ answer }) => answer);
    const share = (name: string) => answers.filter((answer) => answer === name).length / answers.length;
    expect(share('approve')).toBeCloseTo(0.75, 1);
    expect(share('decline')).toBeCloseTo(0.125, 1);
    expect(share('hangCaptured')).toBeCloseTo(0.125, 1);
  });

  it('never has a weight of 0', () => {
    for (const place of places) expect(drawRefund('approve', place, { seed: 1, refunds: { approve: 0, slow: 1 } })).toBe('slow');
  });

  it('has a reason when it is a decline, and none otherwise', () => {
    for (const { answer, declineCode } of sequence(3)) expect(declineCode).toBe(answer === 'decline' ? 'generic_decline' : undefined);
  });

  it('leaves the answers of other methods alone', () => {
    const expired = fixedScenarios['pm_card_chargeDeclinedExpiredCard']!;
    expect(drawScenario(expired, 'pm_card_chargeDeclinedExpiredCard', 1, { seed: 1, mix, webhooks: { webhookTwice: 1 } })).toEqual({
      ...expired,
      webhooks: 'webhookTwice',
    });
  });

  it('is the ordinary where nothing is to be drawn', () => {
    expect(drawScenario(visa, 'pm_card_visa', 1, { seed: 1 })).toEqual(visa);
    expect(drawRefund('processing', 1, { seed: 1 })).toBe('processing');
  });
});
