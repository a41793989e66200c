import { GIB } from "../../core/units";
import type { Capacity } from "./rows";

/** Price units, 1e-7 dollar an hour, of the pricing policy that every farm of a devgrid has. @source tfchain genesis, pricing policy 1 */
const CU_UNITS = 100_000;
const SU_UNITS = 50_000;
const UNITS_PER_DOLLAR = 1e7;
const HOURS_PER_MONTH = 720;

/**
 * Dollars a month for a whole node, before discount. The extra fee goes in as the directory does it: added to hourly
 * price units although it is thousandths of a dollar a month.
 *
 * @source tfgrid-sdk-go grid-proxy/internal/explorer/db/setup.sql, calc_price
 */
export function monthlyPrice(total: Capacity, isCertified: boolean, extraFee: number): number {
  const { cru } = total;
  const mru = total.mru / GIB;
  const cu = Math.min(Math.max(mru / 4, cru / 2), Math.max(mru / 8, cru), Math.max(mru / 2, cru / 4));
  const su = total.hru / GIB / 1200 + total.sru / GIB / 200;
  const perHour = (cu * CU_UNITS + su * SU_UNITS + extraFee) * (isCertified ? 1.25 : 1);
  return (perHour * HOURS_PER_MONTH) / UNITS_PER_DOLLAR;
}

/**
 * A monthly price after the discount that a balance (in dollars) earns, not rounded.
 *
 * @source tfgrid-sdk-go grid-proxy/internal/explorer/db/setup.sql, calc_discount
 */
export function discountedPrice(price: number, balance: number): number {
  if (balance >= price * 18) return price * 0.4;
  if (balance >= price * 6) return price * 0.6;
  if (balance >= price * 3) return price * 0.7;
  if (balance >= price * 1.5) return price * 0.8;
  return price;
}
