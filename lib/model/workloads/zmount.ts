import { NO_CAPACITY } from "../capacity";
import { struct, text, unsigned64 } from "../wire/reader";
import type { WorkloadModel } from "./workload";

/**
 * A raw virtual disk on one SSD pool, attached to a machine of the same deployment.
 *
 * @source zosbase pkg/gridtypes/zos/zmount.go
 */
export interface Zmount {
  /** Bytes, above 0. */
  readonly size: number;
}

/** Facts of a running disk. */
export interface ZmountResult {
  /** `<twin>-<contract>-<name>`. */
  readonly volume_id: string;
}

/** Disks as the node sees them. */
export const zmount: WorkloadModel<"zmount"> = {
  read: struct<Zmount>({ size: unsigned64 }),
  readResult: struct<ZmountResult>({ volume_id: text }),
  validate: ({ size }) => (size === 0 ? "invalid size" : undefined),
  capacity: ({ size }) => ({ ...NO_CAPACITY, sru: size }),
  challenge: ({ size }) => `${size}`,
};
