import type { Money } from '#libs/contracts';

/**
 * Digits after the point, where ISO 4217 (list one, 2024-06-25) says another number than 2. It stands here because Intl follows CLDR,
 * which shows some currencies with fewer digits than they have.
 */
const minorDigits: Readonly<Record<string, number>> = Object.fromEntries([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((currency) => [currency, 0]),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((currency) => [currency, 3]),
  ...'CLF UYW'.split(' ').map((currency) => [currency, 4]),
]);

/** The amount for people to read: `25.98 EUR`, `2598 JPY`, `2.598 KWD`. Works on digits, so that nothing is ever rounded. */
export function moneyInWords({ amountMinor, currency }: Money): string {
  const decimals = minorDigits[currency] ?? 2;
  if (decimals === 0) return `${amountMinor} ${currency}`;
  const digits = String(amountMinor).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)} ${currency}`;
}
