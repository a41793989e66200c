import type { ZdbProps } from "../../zdb";
import { flag, number, oneOf, optional, placement, size as sizeKind, text } from "../kinds";
import { checkIdentity, checkName, checkRange, type Rule } from "../problems";

/** What a store takes, and every store of a pool. */
export const ZDB_KINDS = {
  size: sizeKind,
  mode: optional(oneOf("user", "seq")),
  public: optional(flag),
  passwordVersion: optional(number),
  placement: optional(placement),
  allowDataLoss: optional(flag),
  name: optional(text),
  identity: optional(text),
};

/** What holds of a store, and of every store of a pool. */
export const ZDB_RULES: readonly Rule<ZdbProps>[] = [
  checkName,
  checkIdentity,
  ({ size }) => checkRange(size.toGib(), ["size"], { min: 1, max: 10_240, unit: "GiB" }),
  ({ passwordVersion }) => checkRange(passwordVersion, ["passwordVersion"], { min: 1, max: 1_000_000 }),
];
