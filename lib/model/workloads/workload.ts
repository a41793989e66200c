import type { Capacity } from "../capacity";
import type { Reader } from "../wire/reader";
import type { GatewayFqdnProxy, GatewayFqdnProxyResult } from "./gateway-fqdn-proxy";
import type { GatewayNameProxy, GatewayNameProxyResult } from "./gateway-name-proxy";
import type { Network, NetworkResult } from "./network";
import type { NetworkLight } from "./network-light";
import type { Ipv4, PublicIp, PublicIpResult } from "./public-ip";
import type { Qsfs, QsfsResult } from "./qsfs";
import type { Volume, VolumeResult } from "./volume";
import type { Zdb, ZdbResult } from "./zdb";
import type { Zlogs, ZlogsResult } from "./zlogs";
import type { Zmachine, ZmachineResult } from "./zmachine";
import type { ZmachineLight, ZmachineLightResult } from "./zmachine-light";
import type { Zmount, ZmountResult } from "./zmount";

/** What each type name on the wire stands for. @source zosbase pkg/gridtypes/zos/types.go */
export interface WorkloadTypes {
  readonly zmachine: { readonly data: Zmachine; readonly result: ZmachineResult };
  readonly "zmachine-light": { readonly data: ZmachineLight; readonly result: ZmachineLightResult };
  readonly zmount: { readonly data: Zmount; readonly result: ZmountResult };
  readonly volume: { readonly data: Volume; readonly result: VolumeResult };
  readonly network: { readonly data: Network; readonly result: NetworkResult };
  readonly "network-light": { readonly data: NetworkLight; readonly result: NetworkResult };
  readonly zdb: { readonly data: Zdb; readonly result: ZdbResult };
  readonly ip: { readonly data: PublicIp; readonly result: PublicIpResult };
  readonly ipv4: { readonly data: Ipv4; readonly result: PublicIpResult };
  readonly "gateway-name-proxy": { readonly data: GatewayNameProxy; readonly result: GatewayNameProxyResult };
  readonly "gateway-fqdn-proxy": { readonly data: GatewayFqdnProxy; readonly result: GatewayFqdnProxyResult };
  readonly qsfs: { readonly data: Qsfs; readonly result: QsfsResult };
  readonly zlogs: { readonly data: Zlogs; readonly result: ZlogsResult };
}

/** A workload type as it is written on the wire. */
export type WorkloadType = keyof WorkloadTypes;

/** The arguments of a workload type. */
export type DataOf<T extends WorkloadType> = WorkloadTypes[T]["data"];

/** What the node answers about a running workload of a type. */
export type ResultOf<T extends WorkloadType> = WorkloadTypes[T]["result"];

/**
 * Where a workload is in its life. `""`: the node has not touched it. `unchanged`: an update failed but what ran before
 * still runs (seen in `changes` only). `deleted`: gone (stays in `changes`). `paused`: the contract is in grace.
 */
export type WorkloadState = (typeof WORKLOAD_STATES)[number];

/** Every state the node knows, the untouched one first. @source zosbase pkg/gridtypes/workload.go */
export const WORKLOAD_STATES = ["", "init", "ok", "error", "unchanged", "deleted", "paused"] as const;

/** What the node says about a workload. Ignored on the way in, and not part of the hash. */
export interface WorkloadResult {
  /** Unix seconds of the answer; 0 before the node touches it. */
  readonly created: number;
  /** Where it is in its life. */
  readonly state: WorkloadState;
  /** Why, when the state is `error` or `unchanged`; else mostly empty. */
  readonly message: string;
  /** Facts of the running workload; read them with `resultOf`. */
  readonly data: unknown;
}

/** One named item of a deployment. */
export interface Workload<T extends WorkloadType = WorkloadType> {
  /** The deployment version that last changed it; never above the deployment's own. */
  readonly version: number;
  /** Unique in its deployment: 1–36 letters, digits and `_`. */
  readonly name: string;
  /** Selects the shape of `data`. */
  readonly type: T;
  /** Arguments. */
  readonly data: DataOf<T>;
  /** Free text for other software; networks keep their user access points here. */
  readonly metadata: string;
  /** Free text for people. */
  readonly description: string;
  /** The node's answer. */
  readonly result: WorkloadResult;
}

/** Any workload, told apart by `type`. */
export type AnyWorkload = { [T in WorkloadType]: Workload<T> }[WorkloadType];

/** The result of a workload that no node has seen. */
export const UNTOUCHED: WorkloadResult = { created: 0, state: "", message: "", data: null };

/** What the node does with one type: everything that is decided without a machine. */
export interface WorkloadModel<T extends WorkloadType> {
  /** Reads and normalises the arguments. */
  readonly read: Reader<DataOf<T>>;
  /** Reads the node's facts about a running one. */
  readonly readResult: Reader<ResultOf<T>>;
  /** The node's own words when it refuses the arguments; undefined when it takes them. */
  validate(data: DataOf<T>, siblings: readonly AnyWorkload[]): string | undefined;
  /** What it uses while running. */
  capacity(data: DataOf<T>): Capacity;
  /** Its part of the text that is hashed and signed. */
  challenge(data: DataOf<T>): string;
}
