import { TFKVStore } from "../pallets/runtime";
import { raise } from "./failure";
import type { Handlers } from "./handlers";

/** Public notes of accounts. @source tfchain pallet-kvstore */
export const keyValueHandlers: Handlers<typeof TFKVStore> = {
  set: (state, account, { key, value }) => {
    if (key.length > 512) raise(TFKVStore, "KeyIsTooLarge");
    if (value.length > 2048) raise(TFKVStore, "ValueIsTooLarge");
    state.set(TFKVStore.storage.TFKVStore, value, account, key);
    state.emit(TFKVStore, "EntrySet", [account, key, value]);
  },
  delete: (state, account, { key }) => {
    const value = state.get(TFKVStore.storage.TFKVStore, account, key);
    if (value === "") raise(TFKVStore, "NoValueStored");
    state.remove(TFKVStore.storage.TFKVStore, account, key);
    state.emit(TFKVStore, "EntryTaken", [account, key, value]);
  },
};
