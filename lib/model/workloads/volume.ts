import { NO_CAPACITY } from "../capacity";
import { struct, text, unsigned64 } from "../wire/reader";
import type { WorkloadModel } from "./workload";

/**
 * A directory with a quota on one SSD pool, shared with a machine of the same deployment.
 *
 * @source zosbase pkg/gridtypes/zos/volume.go
 */
export interface Volume {
  /** Bytes, above 0. */
  readonly size: number;
}

/** Facts of a running volume. */
export interface VolumeResult {
  /** `<twin>-<contract>-<name>`. */
  readonly id: string;
}

/** Volumes as the node sees them. */
export const volume: WorkloadModel<"volume"> = {
  read: struct<Volume>({ size: unsigned64 }),
  readResult: struct<VolumeResult>({ id: text }),
  validate: ({ size }) => (size === 0 ? "invalid size" : undefined),
  capacity: ({ size }) => ({ ...NO_CAPACITY, sru: size }),
  challenge: ({ size }) => `${size}`,
};
