import { describe, expect, it } from 'vitest';
import { answerNames, behaviours, fixedScenarios, refundAnswerNames, scenarioOf, webhookNames } from './scenarios.js';

describe('the token of a payment method', () => {
  it.each([
    ['pm_card_visa', 'approve', undefined],
    ['pm_card_chargeDeclined', 'decline', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'decline', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'decline', 'expired_card'],
    ['pm_card_slow', 'slow', undefined],
    ['pm_card_processing', 'processing', undefined],
  ])('%s is one of the fixed ones', (token, answer, declineCode) => {
    expect(scenarioOf(token)).toMatchObject({ answer, webhooks: 'once', ...(declineCode && { declineCode }) });
  });

  it('names any answer and any way of webhooks, and the token stays within 63 characters', () => {
    for (const answer of answerNames.filter((name) => name !== 'held')) {
      expect(scenarioOf(`pm_sim_${answer}`)).toMatchObject({ answer, webhooks: 'once' });
      for (const webhooks of webhookNames) {
        expect(scenarioOf(`pm_sim_${answer}_${webhooks}`)).toMatchObject({ answer, webhooks });
        expect(`pm_sim_${answer}_${webhooks}`).toMatch(/^(pm|tok)_[A-Za-z0-9_]{1,60}$/);
      }
    }
    expect(scenarioOf('pm_sim_held')).toEqual({ answer: 'held', webhooks: 'once' });
  });

  it.each([
    'pm_card_mastercard',
    'pm_sim_aprove',
    'pm_sim_approve_webhookTwicee',
    'pm_sim_approve_once_once',
    'pm_sim_held_webhookTwice',
    'pm_sim_',
    'pm_sim_toString',
    'pm_sim_constructor',
    'toString',
  ])('%s is unknown', (token) => expect(scenarioOf(token)).toBeUndefined());

  it('gives a reason for each decline, and for nothing else', () => {
    for (const scenario of [...Object.values(fixedScenarios), ...answerNames.map((answer) => scenarioOf(`pm_sim_${answer}`)!)]) {
      expect([scenario.answer, scenario.declineCode !== undefined]).toEqual([scenario.answer, scenario.answer === 'decline']);
    }
  });
});

it('a refund is answered in ways that make sense for it: never declined, held or understated', () => {
  for (const name of refundAnswerNames) {
    expect(behaviours[name].becomes).not.toBe('declined');
    expect(behaviours[name]).not.toMatchObject({ answer: 'held' });
    expect(behaviours[name]).not.toHaveProperty('understatedBy');
  }
});
