import { isDeepStrictEqual } from "node:util";
import type { ChainSnapshot } from "./chain/snapshot";
import type { ContractJson } from "./directory/rows";
import type { K3sState } from "./kubernetes/k3s-machines";
import type { KycStatus } from "./kyc/kyc-registry";
import type { NodeSnapshot } from "./node/node-snapshot";
import { brokenState, readStateFile } from "./state-file";

/** A whole devgrid as JSON. */
export interface DevgridState {
  /** Raised when a former file can no longer be read. */
  readonly version: 1;
  /** What the keys of the default park were made from. */
  readonly parkSeed: string;
  /** Storage and head of the chain. */
  readonly chain: ChainSnapshot;
  /** By node number. */
  readonly nodes: Readonly<Record<string, NodeSnapshot>>;
  /** Contracts that ended, which only the directory still knows. */
  readonly ended: readonly ContractJson[];
  /** Twins that are not verified. */
  readonly kyc: Readonly<Record<string, KycStatus>>;
  /** Clusters and their machines; missing in files from before there were any. */
  readonly k3s?: K3sState;
  /** Addresses of domain names; files of earlier releases have none. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

const MEMBERS = ["chain", "ended", "kyc", "nodes", "parkSeed", "version"];
const OPTIONAL = ["k3s", "names"];

/**
 * Reads the state of an earlier run; undefined when the file does not exist. The parts check themselves when they are
 * restored.
 *
 * @throws {GridError} TFG_DEVGRID_STATE when the file holds something else
 */
export function readState(path: string): DevgridState | undefined {
  const value = readStateFile(path);
  if (value === undefined) return undefined;
  if (!isObject(value)) throw brokenState(path, "it holds no object");
  if (value.version !== 1)
    throw brokenState(path, `its version is ${JSON.stringify(value.version)}, this package reads 1`);
  const members = Object.keys(value).filter((name) => !OPTIONAL.includes(name));
  if (!isDeepStrictEqual(members.sort(), MEMBERS)) throw brokenState(path, `it must hold ${MEMBERS.join(", ")}`);
  const { parkSeed, chain, nodes, ended, kyc, k3s = {}, names = {} } = value;
  const isWhole =
    typeof parkSeed === "string" && [chain, nodes, kyc, k3s, names].every(isObject) && Array.isArray(ended);
  if (!isWhole) throw brokenState(path, "one of its parts is of the wrong kind");
  return value as unknown as DevgridState;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
