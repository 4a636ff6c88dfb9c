/** A provider that captures at once: what is measured is the shop, not the provider. */
export async function instantProvider({ paymentId }: { paymentId: string; amountMinor: number; paymentMethod: string }) {
  return { outcome: 'captured', reference: `pi_${paymentId}` } as const;
}
