/**
 * A virtual machine with its disks and addresses, under one contract. You pay for its size, and for a public IPv4.
 *
 * @example
 * new VirtualMachine(this, "web", {
 *   cpu: 2,
 *   memory: Size.gib(4),
 *   image: Image.ubuntu("24.04"),
 *   disks: [{ size: Size.gib(50), mountPoint: "/data" }],
 *   sshKeys: [readFileSync(".ssh/id_ed25519.pub", "utf8")],
 * });
 */
import type { IResolvable } from "cdktf";
import { Construct } from "constructs";
import type { Backend, BackendOptions } from "./backend";
import { type VirtualMachineDisks, VirtualMachine as VirtualMachineResource } from "./gen/virtual-machine";
import { Image } from "./image";
import type { IMesh } from "./network-mesh";
import type { Placement } from "./placement";
import { foreignMesh } from "./private/foreign-mesh";
import { GridContext } from "./private/grid-context";
import { environmentOf } from "./private/machine-connections";
import { backendOf, type MachineDoors } from "./private/machine-doors";
import { machineNeeds, rootSizeMib } from "./private/machine-needs";
import { machineKind, machineRules } from "./private/machine-rules";
import { check } from "./private/problems";
import type { QuantumStorage } from "./quantum-storage";
import type { Secret } from "./secret";
import type { Size } from "./size";
import type { Zdb } from "./zdb";

/** A disk or a volume. */
export interface MachineStorage {
  /** Whole GiB, up to 10 TiB. It can grow; shrinking loses the data. */
  readonly size: Size;
  /** Absolute path in the machine, not `/`; a disk of an image that boots from disk is not mounted. */
  readonly mountPoint: string;
  /** Which one it is from one run to the next: 1 to 36 letters, digits and `_`. @default made from the mount point */
  readonly name?: string;
}

/** A file system over many nodes, in a machine. */
export interface MachineQuantumStorage {
  /** Which. It belongs to one machine. */
  readonly storage: QuantumStorage;
  /** Absolute path in the machine, not `/`. */
  readonly mountPoint: string;
  /** Which one it is from one run to the next: 1 to 36 letters, digits and `_`. @default made from the mount point */
  readonly name?: string;
}
/** The families of nodes: with all of the grid's networking, without, or either. */
export type NodeKind = "full" | "light" | "any";

/** Properties of a machine. */
export interface VirtualMachineProps {
  /** Virtual cores, 1 to 32. */
  readonly cpu: number;
  /** Memory: 256 MiB to 256 GiB. */
  readonly memory: Size;
  /** What it boots: an image, or the address of an flist. */
  readonly image: Image | string;
  /** The mesh it joins; of the same stack, or a `JoinedMesh` in it. @default a private network of its own */
  readonly mesh?: IMesh;
  /** Where it runs. @default any node with room */
  readonly placement?: Placement;
  /** SSD disks; the order decides device letters. @default none */
  readonly disks?: readonly MachineStorage[];
  /** SSD directories, which grow without touching the machine. @default none */
  readonly volumes?: readonly MachineStorage[];
  /** File systems over many nodes. Adding or removing one starts the root filesystem anew. @default none */
  readonly quantumStorage?: readonly MachineQuantumStorage[];
  /**
   * Graphics cards as `slot/vendor/device`, which `DataThreefoldNodeGpus` lists. Cards belong to one node, so that
   * `placement` has to name it, and they are given out on nodes that the account rents. @default none
   */
  readonly gpus?: readonly string[];
  /** Root filesystem, which a change of cpu, memory, image or environment starts anew. @default the least the node allows */
  readonly rootSize?: Size;
  /** Environment. Not for secrets: it is kept in the state. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Environment whose values only the node gets. @default none */
  readonly secretEnv?: Readonly<Record<string, Secret>>;
  /**
   * Stores it uses, by the prefix of their variables: `{ ZDB: db }` sets ZDB_HOST, ZDB_PORT, ZDB_NAMESPACE and ZDB_PASSWORD beside
   * the rest of the environment. The host is an address this machine can reach, so it needs `mycelium`, `publicIpv6` or
   * `planetary`. @default none
   */
  readonly connections?: Readonly<Record<string, Zdb>>;
  /** Public SSH keys of root: the texts of `.pub` files. @default none */
  readonly sshKeys?: readonly string[];
  /** Absolute path of the command, with its arguments. @default the one of the image */
  readonly entrypoint?: string;
  /** Addresses its console is streamed to: `redis://`, `ws://`, `wss://`. Not for secrets: they are kept in the state. @default none */
  readonly logs?: readonly string[];
  /** Runs corex, which serves the machine's processes, in place of the command. @default false */
  readonly corex?: boolean;
  /**
   * The kind of node it runs on. Light nodes know no public addresses, no Yggdrasil and no log streams; machines there are
   * reached over mycelium, which is on. `any` takes whichever suits; a later change of kind replaces the machine.
   * @default "full"
   */
  readonly nodeKind?: NodeKind;
  /** A public IPv4, billed while the machine exists. A change of it replaces the machine. @default false */
  readonly publicIpv4?: boolean;
  /** A public IPv6, where the node has it. @default false */
  readonly publicIpv6?: boolean;
  /** A Yggdrasil address. @default false */
  readonly planetary?: boolean;
  /** A mycelium address. @default true on a light node, false on others */
  readonly mycelium?: boolean;
  /**
   * Any short text of letters, digits, `.` and `-`: another one replaces the machine, disks included, where it is.
   * @default the machine is replaced only when a change asks for it
   */
  readonly generation?: string;
  /** Lets a change in place lose disks instead of replacing the machine. @default false */
  readonly allowDataLoss?: boolean;
  /** Name people see: 1 to 36 letters, digits and `_`. @default made from the construct's id */
  readonly name?: string;
  /** What makes it the same machine from one run to the next. Another identity is another machine. @default the construct's path */
  readonly identity?: string;
}

/** One machine under one contract. */
export class VirtualMachine extends Construct {
  /** The Terraform resource, for what this class does not cover. */
  readonly resource: VirtualMachineResource;
  /** What makes it the same machine from one run to the next. */
  readonly identity: string;
  /** Number of the node it runs on. */
  readonly nodeId: number;
  readonly #doors: MachineDoors;

  constructor(scope: Construct, id: string, props: VirtualMachineProps) {
    super(scope, id);
    check(this, props, machineRules, machineKind);
    const context = GridContext.of(this);
    const { mesh, placement } = props;
    if (mesh && GridContext.of(mesh) !== context) throw foreignMesh(this, mesh);
    this.#doors = {
      publicIpv4: props.publicIpv4 === true,
      mycelium: props.mycelium ?? props.nodeKind === "light",
      mesh,
    };
    const { name, identity } = context.name(this, props);
    this.identity = identity;
    this.nodeId = context.nodes.request(identity, { needs: machineNeeds(props), placement });
    const ip = mesh?.addHost(identity, this.nodeId, placement);
    this.resource = new VirtualMachineResource(this, "Default", {
      ...contentOf(props),
      quantumStorage: unlessEmpty(props.quantumStorage)?.map((mount) => mount.storage.mountedBy(this, mount)),
      project: context.project,
      name,
      identity,
      nodeId: this.nodeId,
      light: isLight(props.nodeKind, () => context.nodes.hasFeature(identity, "zmachine-light")),
      network: mesh && ip !== undefined ? { name: mesh.networkName, ip } : undefined,
      lifecycle: mesh?.conditionsOf ? { precondition: [...mesh.conditionsOf(this.nodeId)] } : undefined,
    });
  }

  /** Private address: in the mesh, or in its own network. */
  get ip(): string {
    return this.resource.ip;
  }

  /** Public IPv4; null unless asked for. */
  get publicIpv4Address(): string {
    return this.resource.publicIpv4Address;
  }

  /** Public IPv6; null unless asked for. */
  get publicIpv6Address(): string {
    return this.resource.publicIpv6Address;
  }

  /** Yggdrasil address; null unless asked for. */
  get planetaryIp(): string {
    return this.resource.planetaryIp;
  }

  /** Mycelium address; null unless asked for. */
  get myceliumIp(): string {
    return this.resource.myceliumIp;
  }

  /** `address:port` of its console, reachable from the private network. */
  get consoleUrl(): string {
    return this.resource.consoleUrl;
  }

  /** Number of its contract. */
  get contractId(): string {
    return this.resource.contractId;
  }

  /** `ok`, or what the next apply repairs. */
  get status(): string {
    return this.resource.status;
  }

  /** Where a gateway finds a web server in it that speaks plain http. @throws {GridError} TFG_NO_WAY_IN */
  http(port: number, { over }: BackendOptions = {}): Backend {
    return backendOf(this, this.#doors, { protocol: "http", port, over });
  }

  /** Where a gateway with `tlsPassthrough` finds a server in it that speaks TLS itself. @throws {GridError} TFG_NO_WAY_IN */
  tcp(port: number, { over }: BackendOptions = {}): Backend {
    return backendOf(this, this.#doors, { protocol: "tcp", port, over });
  }

  /** Takes over a machine that exists, by the number of its contract. Its environment is taken from here at the next apply. */
  importFrom(contractId: string): void {
    this.resource.importFrom(contractId);
  }
}

/** What the machine is, apart from who and where. */
function contentOf(props: VirtualMachineProps) {
  const image = typeof props.image === "string" ? Image.flist(props.image) : props.image;
  const { env, secretEnv } = environmentOf(props);
  const secrets = Object.entries(secretEnv ?? {}).map(([name, secret]) => [name, secret.reference]);
  return {
    cpu: props.cpu,
    memoryMib: props.memory.toMib(),
    rootSizeMib: rootSizeMib(props, image),
    flist: image.flist,
    flistMd5: image.md5,
    entrypoint: props.entrypoint ?? image.entrypoint,
    env: env && { ...env },
    secretEnv: secretEnv && Object.fromEntries(secrets),
    sshKeys: unlessEmpty(props.sshKeys),
    disks: unlessEmpty(props.disks)?.map(storage),
    volumes: unlessEmpty(props.volumes)?.map(storage),
    gpus: unlessEmpty(props.gpus),
    logs: unlessEmpty(props.logs),
    corex: props.corex,
    publicIpv4: props.publicIpv4,
    publicIpv6: props.publicIpv6,
    planetary: props.planetary,
    mycelium: props.mycelium,
    generation: props.generation,
    allowDataLoss: props.allowDataLoss,
  };
}

/** Full nodes are what the provider takes when nothing is said. */
function isLight(kind: NodeKind = "full", ofNode: () => IResolvable): boolean | IResolvable | undefined {
  if (kind === "full") return undefined;
  return kind === "light" ? true : ofNode();
}

/** Terraform tells an empty list from none; people do not. */
function unlessEmpty<T>(items: readonly T[] = []): T[] | undefined {
  return items.length > 0 ? [...items] : undefined;
}

function storage({ size, mountPoint, name }: MachineStorage): VirtualMachineDisks {
  return { sizeGib: size.toGib(), mountPoint, name };
}
