import { bytes } from "../scale/primitives";
import { call, definePallet } from "./pallet";
import { map } from "./storage-item";
import { accountId } from "./system-types";

/** Public notes of accounts. @source tfchain spec 152 metadata */
export const TFKVStore = definePallet({
  index: 30,
  name: "TFKVStore",
  crate: "pallet_kvstore",
  calls: { set: call(0, { key: bytes(), value: bytes() }), delete: call(1, { key: bytes() }) },
  events: {
    EntrySet: [accountId, bytes(), bytes()],
    EntryGot: [accountId, bytes(), bytes()],
    EntryTaken: [accountId, bytes(), bytes()],
  },
  errors: ["NoValueStored", "KeyIsTooLarge", "ValueIsTooLarge"],
  storage: { TFKVStore: map([accountId, bytes()], bytes(), "") },
  constants: {},
});
