import { describe, expect, it } from 'vitest';
import { planOrders, scenarios } from '../../demo/rush/plan.js';

describe('the plan of a rush', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planOrders(1000, 7)).toEqual(planOrders(1000, 7));
    expect(planOrders(1000, 7)).not.toEqual(planOrders(1000, 8));
  });

  it('has each scenario in its share', () => {
    const plans = planOrders(1000, 7);
    const counts = scenarios.map((scenario) => [scenario, plans.filter((plan) => plan.scenario === scenario).length]);
    expect(Object.fromEntries(counts)).toEqual({
      approved: 600,
      'declined, then approved': 100,
      'unknown, captured': 100,
      'unknown, not captured': 50,
      'never paid': 50,
      cancelled: 50,
      'paid too late': 50,
    });
  });

  it('drops about a tenth of the events of what is paid in time, and doubles and shuffles others', () => {
    const methods = planOrders(1000, 7).flatMap(({ scenario, paymentMethod }) =>
      scenario === 'paid too late' ? [] : (paymentMethod ?? []),
    );
    const share = (how: string) => methods.filter((method) => method.endsWith(how)).length / methods.length;
    expect(share('_webhookNever')).toBeCloseTo(0.1, 1);
    for (const how of ['_webhookTwice', '_webhookFirst', '_webhookLate', '_webhookOutOfOrder']) expect(share(how)).toBeGreaterThan(0.1);
  });
});
