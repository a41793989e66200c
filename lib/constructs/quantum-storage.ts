/**
 * A file system for a machine whose data is encrypted, cut up and spread over stores on many nodes, so that some of these may
 * be lost. You pay for the stores, and for its cache on the machine's node.
 *
 * @example
 * const storage = new QuantumStorage(this, "files", { size: Size.gib(50), minimalShards: 2, expectedShards: 3 });
 * new VirtualMachine(this, "web", {
 *   cpu: 2,
 *   memory: Size.gib(4),
 *   image: Image.ubuntu(),
 *   quantumStorage: [{ storage, mountPoint: "/qsfs" }],
 * });
 */
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { GridError } from "../core/errors";
import { derivedReference } from "../model/derived-reference";
import { toWorkloadName } from "../model/identity";
import type { VirtualMachineQuantumStorage, VirtualMachineQuantumStorageMetadata } from "./gen/virtual-machine";
import { Placement } from "./placement";
import { GridContext } from "./private/grid-context";
import { check } from "./private/problems";
import {
  backendCount,
  leastShards,
  quantumStorageKind,
  quantumStorageRules,
} from "./private/storage/quantum-storage-rules";
import { Size } from "./size";
import type { MachineQuantumStorage, VirtualMachine } from "./virtual-machine";
import type { Zdb } from "./zdb";
import { ZdbPool } from "./zdb-pool";

/** Stores that hold the map of the data: it is kept with a redundancy of its own, made for four. */
const METADATA_STORES = 4;

/** Properties of a file system over many nodes. */
export interface QuantumStorageProps {
  /** Size of each store for data: whole GiB, up to 10 TiB. Grows in place. */
  readonly size: Size;
  /** Pieces each object is cut into, parity included: 1 to `backends`. It changes in place, for what is written from then on. */
  readonly expectedShards: number;
  /** Pieces needed to read an object; the others may be lost. @default three fifths of `expectedShards`, rounded up */
  readonly minimalShards?: number;
  /**
   * Stores for data, each on a node of its own: 1 to 256. More are added in place; fewer end the last ones, with the
   * pieces in them, so that no more than can be spared may go at a time. @default as many as `expectedShards`
   */
  readonly backends?: number;
  /** Groups the stores are dealt out to in turn. @default 1 */
  readonly groups?: number;
  /** How many whole groups may be lost: fewer than there are. @default 0 */
  readonly redundantGroups?: number;
  /** How many stores of each group may be lost: fewer than it has. @default 0 */
  readonly redundantNodes?: number;
  /** Size of each of the four stores for the map of the data: whole GiB. Grows in place. @default 1 GiB */
  readonly metadataSize?: Size;
  /** SSD on the machine's node that holds what was used last: whole GiB. @default 1 GiB */
  readonly cache?: Size;
  /** What is collected there before it goes to the stores: whole MiB from 32. @default 512 MiB */
  readonly maxZdbDataDirSize?: Size;
  /** Raise it for another key. What was stored cannot be read under it: the machine is replaced. @default 1 */
  readonly keyVersion?: number;
  /** Raise it for new passwords of the stores, which changes nothing else. @default 1 */
  readonly passwordVersion?: number;
  /**
   * Where the stores run. Those for data are kept apart from each other, and so are those for the map; with a `spread` of its
   * own no node has two of either. @default any full nodes with room on hard disks
   */
  readonly placement?: Placement;
  /** Lets a store lose its data in place instead of being replaced. @default false */
  readonly allowDataLoss?: boolean;
  /** Beginning of the names of its stores. @default made from the construct's id */
  readonly name?: string;
  /** What makes it the same storage from one run to the next: key and stores hang on it. @default the construct's path */
  readonly identity?: string;
}

/** Stores on many nodes and the key to what is in them. */
export class QuantumStorage extends Construct {
  /** What makes it the same storage from one run to the next. */
  readonly identity: string;
  /** The stores for data, of mode `seq`. */
  readonly data: ZdbPool;
  /** The four stores for the map of the data, of mode `user`. */
  readonly metadata: ZdbPool;
  /** SSD it takes on the machine's node. */
  readonly cache: Size;
  readonly #props: QuantumStorageProps;
  #machine: VirtualMachine | undefined;

  constructor(scope: Construct, id: string, props: QuantumStorageProps) {
    super(scope, id);
    check(this, props, quantumStorageRules, quantumStorageKind);
    const { name, identity } = GridContext.of(this).name(this, props);
    this.identity = identity;
    this.cache = props.cache ?? Size.gib(1);
    this.#props = props;
    // The node of the machine reaches them by Yggdrasil or the internet; only full nodes are in the former.
    const placement = Placement.where({ features: ["yggdrasil"] }).and(props.placement ?? Placement.where({}));
    const { passwordVersion, allowDataLoss } = props;
    const pool = (part: string) => ({
      placement,
      passwordVersion,
      allowDataLoss,
      name: toWorkloadName(`${name}_${part}`),
      identity: props.identity === undefined ? undefined : `${identity}/${part}`,
    });
    const count = backendCount(props);
    this.data = new ZdbPool(this, "data", { ...pool("data"), count, size: props.size, mode: "seq" });
    const size = props.metadataSize ?? Size.gib(1);
    this.metadata = new ZdbPool(this, "metadata", { ...pool("metadata"), count: METADATA_STORES, size, mode: "user" });
  }

  /**
   * Gives the storage to a machine, and tells what the machine's resource has to know of it. `VirtualMachine` calls it.
   *
   * @throws {GridError} TFG_STORAGE_TAKEN when another machine has it
   */
  mountedBy(machine: VirtualMachine, mount: Omit<MachineQuantumStorage, "storage">): VirtualMachineQuantumStorage {
    if (this.#machine) throw storageTaken(this, this.#machine, machine);
    this.#machine = machine;
    const props = this.#props;
    const scope = GridContext.of(this).project.keyScope;
    const groups = Array.from({ length: props.groups ?? 1 }, (_, group) =>
      this.data.stores.filter((_store, index) => index % (props.groups ?? 1) === group),
    );
    return {
      mountPoint: mount.mountPoint,
      name: mount.name,
      key: derivedReference("qsfs-key", { identity: this.identity, version: props.keyVersion ?? 1, scope }),
      cacheGib: this.cache.toGib(),
      minimalShards: leastShards(props),
      expectedShards: props.expectedShards,
      redundantGroups: props.redundantGroups,
      redundantNodes: props.redundantNodes,
      maxZdbDataDirSizeMib: props.maxZdbDataDirSize?.toMib(),
      metadata: this.metadata.stores.map(backend),
      groups: groups.map((stores) => ({ backends: stores.map(backend) })),
    };
  }
}

function backend({ planetaryIp, publicIpv6, port, namespace, password }: Zdb): VirtualMachineQuantumStorageMetadata {
  const address = Token.asString(Fn.coalesce([planetaryIp, publicIpv6]));
  return { address: `[${address}]:${Token.asString(port)}`, namespace, password: password.reference };
}

function storageTaken(storage: QuantumStorage, first: VirtualMachine, second: VirtualMachine): GridError {
  return new GridError({
    code: "TFG_STORAGE_TAKEN",
    summary: `QuantumStorage "${storage.node.path}" cannot be mounted twice.`,
    facts: { first: first.node.path, second: second.node.path },
    standing: "Nothing was started: two mounts would write over each other's data.",
    remedy: "give each its own QuantumStorage, and share files between machines over the network.",
  });
}
