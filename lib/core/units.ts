/** Bytes in one MiB. Sizes on the wire are bytes in binary multiples. */
export const MIB = 1024 ** 2;

/** Bytes in one GiB. */
export const GIB = 1024 ** 3;

/** Chain units in one TFT: the token has 7 decimals. @source tfchain runtime, facts "chain" §2 */
export const UNITS_PER_TFT = 10_000_000n;

/** Shows chain units as TFT with all significant decimals: `0.305 TFT`. */
export function formatTft(units: bigint): string {
  const sign = units < 0n ? "-" : "";
  const abs = units < 0n ? -units : units;
  const fraction = (abs % UNITS_PER_TFT).toString().padStart(7, "0").replace(/0+$/, "");
  return `${sign}${abs / UNITS_PER_TFT}${fraction ? `.${fraction}` : ""} TFT`;
}
