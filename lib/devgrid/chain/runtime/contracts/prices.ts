import type { DiscountLevel } from "../../pallets/smart-contract-types";
import type { PricingRecord, ResourcesRecord } from "../../pallets/tfgrid-types";

const GIB = 1024 ** 3;
const SECONDS_PER_MONTH = 2_592_000n;

/** Price of resources and addresses in 1e-7 USD an hour. @source tfchain pallet-smart-contract, cost.rs */
export function hourlyPrice(policy: PricingRecord, resources: ResourcesRecord, publicIps: number): number {
  const { hru, sru, mru, cru } = resources;
  const memory = mru / GIB;
  const storageUnits = hru / GIB / 1200 + sru / GIB / 200;
  const computeUnits = Math.min(
    Math.max(memory / 4, cru / 2),
    Math.max(memory / 8, cru),
    Math.max(memory / 2, cru / 4),
  );
  return storageUnits * policy.su.value + computeUnits * policy.cu.value + publicIps * policy.ipu.value;
}

/** Price of a time at an hourly price, in whole 1e-7 USD. */
export function priceOfTime(hourly: number, seconds: number): bigint {
  return BigInt(Math.floor((hourly * seconds) / 3600));
}

/** A farmer's extra fee (thousandths of a dollar a month) for a time, in 1e-7 USD. */
export function extraFeeOfTime(extraFee: number, seconds: number): bigint {
  return (BigInt(extraFee) * 10_000n * BigInt(seconds)) / SECONDS_PER_MONTH;
}

/** Traffic of a window of seconds, in 1e-7 USD. */
export function trafficPrice(policy: PricingRecord, bytes: number, windowSeconds: number): number {
  return Math.floor((bytes / 1e9) * policy.nu.value * (windowSeconds / 3600));
}

/** 1e-7 USD as chain units of TFT at a price in thousandths of a dollar. */
export function toTft(price: bigint, milliDollarsPerTft: number): bigint {
  return milliDollarsPerTft === 0 ? 0n : (price * 1000n) / BigInt(milliDollarsPerTft);
}

/** Percent left to pay by level; a level holds from that many half months of payment on. */
const LEVELS: readonly { readonly level: DiscountLevel; readonly halfMonths: bigint; readonly percent: bigint }[] = [
  { level: "Gold", halfMonths: 36n, percent: 40n },
  { level: "Silver", halfMonths: 12n, percent: 60n },
  { level: "Bronze", halfMonths: 6n, percent: 70n },
  { level: "Default", halfMonths: 3n, percent: 80n },
];

/** What is left to pay when the balance reaches for so many months at this contract's own rate. */
export function discounted(
  due: bigint,
  seconds: number,
  balance: bigint,
): { readonly level: DiscountLevel; readonly due: bigint } {
  const reached = LEVELS.find(
    ({ halfMonths }) => due > 0n && 2n * balance * BigInt(seconds) >= halfMonths * due * SECONDS_PER_MONTH,
  );
  return reached ? { level: reached.level, due: (due * reached.percent) / 100n } : { level: "None", due };
}
