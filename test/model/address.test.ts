import { encodeAddress } from "@polkadot/util-crypto";
import { addressOf } from "../../lib/model/address";

it("is SS58 with the grid's prefix, the first time an account is named and after", () => {
  const accounts = [Buffer.alloc(32), Buffer.alloc(32, 7), Buffer.alloc(32, 0xff)];
  for (const account of [...accounts, ...accounts]) expect(addressOf(account)).toBe(encodeAddress(account, 42));
});
