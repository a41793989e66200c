import { NO_CAPACITY } from "../capacity";
import { flag, listOf, struct, text, unsigned, unsigned64 } from "../wire/reader";
import type { WorkloadModel } from "./workload";

/**
 * A namespace of a key-value store, on HDD.
 *
 * @source zosbase pkg/gridtypes/zos/zdb.go
 */
export interface Zdb {
  /** Hard cap in bytes, above 0. */
  readonly size: number;
  /** `user`: clients choose keys. `seq`: the store assigns them. Anything else is refused. */
  readonly mode: string;
  /** May be empty. */
  readonly password: string;
  /** Readable without the password. */
  readonly public: boolean;
}

/** Facts of a running namespace. The keys are capitalised on the wire. */
export interface ZdbResult {
  /** `<twin>-<contract>-<name>`, the name to select. */
  readonly Namespace: string;
  /** Public IPv6, 200::/7 (Yggdrasil) and 400::/7 (mycelium) addresses, as the node has them. */
  readonly IPs: readonly string[];
  /** Practically always 9900. */
  readonly Port: number;
}

/** Namespaces as the node sees them. */
export const zdb: WorkloadModel<"zdb"> = {
  read: struct<Zdb>({ size: unsigned64, mode: text, password: text, public: flag }),
  readResult: struct<ZdbResult>({ Namespace: text, IPs: listOf(text), Port: unsigned(32) }),
  validate: ({ size, mode }) => {
    if (size === 0) return "invalid size";
    return mode === "user" || mode === "seq" ? undefined : "invalid mode";
  },
  capacity: ({ size }) => ({ ...NO_CAPACITY, hru: size }),
  challenge: (data) => `${data.size}${data.mode}${data.password}${data.public}`,
};
