import { map, optionalPlain } from "../pallets/storage-item";
import { bytes, u64 } from "../scale/primitives";

/** What devgrid keeps beside the chain's storage, with the same journal and snapshot; no client sees it. */
export const Internal = {
  /** Unix seconds at which a live contract was made. */
  ContractCreatedAt: map([u64], u64, 0),
  /** Relay text given to the twins that were not changed by their owners. */
  RelayText: optionalPlain(bytes()),
};

for (const [name, item] of Object.entries(Internal)) item.bind("Devgrid", name);
