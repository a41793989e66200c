/** Replacements up to which the tip grows tenfold: it ends at the base fee of an extrinsic. */
const MAX_TENFOLD = 5;

/**
 * What the n-th extrinsic of one nonce pays to be preferred to those before it, in chain units: nothing, 1, 10, up to
 * 10 000 (0.001 TFT), and a little more each time after that. A pool prefers any higher tip.
 *
 * @param place 0 for the first one
 * @source substrate pallet-transaction-payment, get_priority: proportional to the tip and one
 */
export function tipOf(place: number): bigint {
  if (place === 0) return 0n;
  return 10n ** BigInt(Math.min(place, MAX_TENFOLD) - 1) + BigInt(Math.max(0, place - MAX_TENFOLD));
}
