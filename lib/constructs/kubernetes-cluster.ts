/**
 * A Kubernetes cluster (k3s) of virtual machines in a mesh: one server, or three or five that replace each other, and
 * pools of workers. Each machine has a contract of its own; you pay for their sizes.
 *
 * @example
 * const mesh = new NetworkMesh(this, "mesh", { access: ["laptop"] });
 * new KubernetesCluster(this, "k8s", {
 *   mesh,
 *   servers: { count: 3 },
 *   workers: [{ name: "web", count: 2, cpu: 4, memory: Size.gib(8) }],
 * });
 * // afterwards: npx threefold kubeconfig k8s > kubeconfig
 */
import { dependable } from "cdktf";
import { Construct } from "constructs";
import { toWorkloadName } from "../model/identity";
import { API_PORT } from "../model/kubernetes/machine-env";
import { Backend } from "./backend";
import { Gateway, type GatewayProps } from "./gateway";
import type { Image } from "./image";
import { BOOT_ENTRYPOINT } from "./kubernetes/boot-script";
import { configOf, DATA_DIR, serverConfigOf } from "./kubernetes/cluster-config";
import { clusterKind } from "./kubernetes/cluster-kind";
import {
  type ClusterFacts,
  type MachineEnvironment,
  machineIdentity,
  serverEnvironment,
  workerEnvironment,
} from "./kubernetes/cluster-machine";
import { clusterRules, numbered } from "./kubernetes/cluster-rules";
import type { NetworkMesh } from "./network-mesh";
import { Placement } from "./placement";
import { GridContext } from "./private/grid-context";
import { check } from "./private/problems";
import type { Secret } from "./secret";
import { Size } from "./size";
import { VirtualMachine } from "./virtual-machine";

/** What machines of one kind in a cluster are like. */
export interface ClusterMachines {
  /** Virtual cores, 1 to 32. @default 2 */
  readonly cpu?: number;
  /** Memory: from 2 GiB for servers and 1 GiB for workers, up to 256 GiB. @default 4 GiB */
  readonly memory?: Size;
  /** SSD disk for images, volumes and the cluster's own data: whole GiB from 10. It can grow. @default 25 GiB */
  readonly disk?: Size;
  /** Where they run. @default any nodes with room; several servers are never on one node */
  readonly placement?: Placement;
  /** Labels of their nodes; not in the domains of Kubernetes. @default none but `grid.tf/machine` */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints of their nodes: `dedicated=db:NoSchedule`. @default none */
  readonly taints?: readonly string[];
  /** Further options of k3s by long name, with values as in its YAML: `{ "kubelet-arg": ["max-pods=50"] }`. @default none */
  readonly config?: Readonly<Record<string, unknown>>;
  /** A public IPv4 for each, which exposes all its ports; billed. @default false */
  readonly publicIpv4?: boolean;
  /** A mycelium address for each. @default false */
  readonly mycelium?: boolean;
}

/** The servers of a cluster. */
export interface ClusterServers extends ClusterMachines {
  /**
   * 1, or 3 or 5 that hold the cluster's data together and go on when 1 or 2 of them fail. A change of it changes the
   * environment of every machine, and so rebuilds each in place.
   * @default 1
   */
  readonly count?: number;
}

/** Workers of one kind. */
export interface WorkerPool extends ClusterMachines {
  /** First part of the names of its nodes: lower-case letters, digits and `-`. Unique in the cluster, not `server`. */
  readonly name: string;
  /** How many, 0 to 200. A change of it adds or removes the last ones and touches no other. */
  readonly count: number;
}

/** Properties of a cluster. */
export interface KubernetesClusterProps {
  /** The mesh all machines join. */
  readonly mesh: NetworkMesh;
  /** The servers, which also run pods unless they are tainted. @default one, of 2 cores, 4 GiB and a disk of 25 GiB */
  readonly servers?: ClusterServers;
  /** Pools of workers. @default none: pods run on the servers */
  readonly workers?: readonly WorkerPool[];
  /** Public SSH keys of root on every machine. @default none: nobody logs in */
  readonly sshKeys?: readonly string[];
  /** Parts of k3s that are left out: `traefik`, `servicelb`, `metrics-server`, `local-storage`, `coredns`. @default none */
  readonly disable?: readonly string[];
  /**
   * What is applied at the start and kept: YAML of any objects, HelmCharts included, by a name of lower-case letters,
   * digits and `-`. Not for secrets: it is kept in the state. @default nothing
   */
  readonly manifests?: Readonly<Record<string, string>>;
  /** Image registries and mirrors, as in k3s's `registries.yaml`; a Secret of that file's text when it holds passwords. @default none */
  readonly registries?: Readonly<Record<string, unknown>> | Secret;
  /** Further names and addresses the API is reached by. @default those of the servers, and apiEndpoint */
  readonly tlsSans?: readonly string[];
  /**
   * Where the API is reached from outside: a host name whose port 443 leads to the servers' 6443 without ending TLS, as a
   * gateway with passthrough does, or `host:port`, IPv6 in brackets then. Kubeconfigs name it. @default a server's own address
   */
  readonly apiEndpoint?: string;
  /**
   * Puts the API behind a gateway, whose node joins the mesh: at a reserved name, or at a domain of your own. The gateway's
   * whole name becomes `apiEndpoint`, so that a gateway that moves to another node's domain rebuilds the servers in place.
   * @default none
   */
  readonly apiGateway?: Pick<GatewayProps, "name" | "domain" | "placement">;
  /** Addresses of pods: an IPv4 range apart from the mesh. Fixed once the cluster runs. @default "10.42.0.0/16" */
  readonly podRange?: string;
  /** Addresses of services: an IPv4 range apart from the mesh and the pods. Fixed once the cluster runs. @default "10.43.0.0/16" */
  readonly serviceRange?: string;
  /** An image with another version of k3s that starts as the official one does. @default k3s 1.31.0 */
  readonly image?: Image | string;
  /**
   * Raise it for a new cluster: new tokens and authorities, on new disks. Replaces every machine, and what the cluster
   * held is lost. @default 1
   */
  readonly generation?: number;
  /**
   * How often single machines were replaced, by name (`server-1`, `web-2`): raise a number and that machine starts anew with
   * an empty disk. Of several servers replace one at a time. @default none
   */
  readonly replacements?: Readonly<Record<string, number>>;
  /** Name people see, and `threefold kubeconfig` takes: 1 to 36 letters, digits and `_`. @default made from the construct's id */
  readonly name?: string;
  /** What makes it the same cluster from one run to the next. Another identity is another cluster. @default the construct's path */
  readonly identity?: string;
}

/** Servers and workers; a machine each, called `server-1`, `server-2`, … and `<pool>-1`, … */
export class KubernetesCluster extends Construct {
  /** What makes it the same cluster from one run to the next. */
  readonly identity: string;
  /** The servers, in the order in which they join. */
  readonly servers: readonly VirtualMachine[];
  /** The workers, pool by pool. */
  readonly workers: readonly VirtualMachine[];
  /** The gateway in front of the API, if there is one. */
  readonly gateway: Gateway | undefined;
  readonly #props: KubernetesClusterProps;
  readonly #facts: ClusterFacts;

  constructor(scope: Construct, id: string, props: KubernetesClusterProps) {
    super(scope, id);
    check(this, props, clusterRules, clusterKind);
    const { name, identity } = GridContext.of(this).name(this, props);
    this.identity = identity;
    const names = numbered("server", props.servers?.count ?? 1);
    const servers = names.map((server) => props.mesh.resource.addresses.lookup(machineIdentity(identity, server)));
    this.#facts = { name, identity, generation: props.generation ?? 1, servers };
    this.gateway = props.apiGateway && apiGateway(this, { ...props, apiGateway: props.apiGateway }, servers);
    this.#props = { ...props, apiEndpoint: this.gateway?.fqdn ?? props.apiEndpoint };
    this.servers = this.#addServers(names);
    this.workers = (props.workers ?? []).flatMap((pool) =>
      numbered(pool.name, pool.count).map((worker) => this.#addWorker(worker, pool)),
    );
  }

  /** Private addresses of the servers; the API is at port 6443 of each. */
  get serverAddresses(): readonly string[] {
    return this.#facts.servers;
  }

  /** One after the other: each joins those before it. */
  #addServers(names: readonly string[]): VirtualMachine[] {
    const servers: VirtualMachine[] = [];
    for (const name of names) {
      const server = this.#addServer(name, servers.length + 1);
      after(server, servers.slice(-1));
      servers.push(server);
    }
    return servers;
  }

  #addServer(machine: string, position: number): VirtualMachine {
    const { servers = {} } = this.#props;
    const config = configOf(machine, servers, serverConfigOf(this.#props));
    const member = { name: machine, identity: machineIdentity(this.identity, machine), config };
    const environment = serverEnvironment(this.#facts, member, { position, props: this.#props });
    return this.#addMachine(machine, { ...servers, placement: this.#apart(servers) }, environment);
  }

  /** A worker cannot join before there is a server; it waits for all, so that a cluster that fails stays small. */
  #addWorker(machine: string, pool: WorkerPool): VirtualMachine {
    const member = {
      name: machine,
      identity: machineIdentity(this.identity, machine),
      config: configOf(machine, pool),
    };
    const worker = this.#addMachine(machine, pool, workerEnvironment(this.#facts, member, this.#props.registries));
    after(worker, this.servers);
    return worker;
  }

  #addMachine(machine: string, size: ClusterMachines, environment: MachineEnvironment): VirtualMachine {
    const { cpu = 2, memory = Size.gib(4), disk = Size.gib(25), placement, publicIpv4, mycelium } = size;
    const { mesh, sshKeys, image } = this.#props;
    return new VirtualMachine(this, machine, {
      ...environment,
      ...{ mesh, cpu, memory, placement, publicIpv4, mycelium, sshKeys },
      name: toWorkloadName(`${this.#facts.name}_${machine}`),
      identity: machineIdentity(this.identity, machine),
      image: image ?? OFFICIAL,
      entrypoint: BOOT_ENTRYPOINT,
      disks: [{ size: disk, mountPoint: DATA_DIR, name: "data" }],
      generation: this.#generationOf(machine),
    });
  }

  /** Nothing for a cluster of which nothing was ever replaced. */
  #generationOf(machine: string): string | undefined {
    const times = this.#props.replacements?.[machine] ?? 0;
    const { generation } = this.#facts;
    return generation === 1 && times === 0 ? undefined : `${generation}.${times}`;
  }

  /** Two servers on one node would fail together; a node that was named is the user's own choice. */
  #apart({ count = 1, placement }: ClusterServers): Placement | undefined {
    if (count === 1 || placement?.isExplicit || placement?.rules.spread !== undefined) return placement;
    const apart = Placement.spread(`${this.identity}/servers`);
    return placement?.and(apart) ?? apart;
  }
}

/** TLS goes through: clients of the API trust the cluster's own authority. */
function apiGateway(
  cluster: KubernetesCluster,
  { apiGateway: served, mesh }: KubernetesClusterProps & Pick<Required<KubernetesClusterProps>, "apiGateway">,
  servers: readonly string[],
): Gateway {
  const route = { protocol: "tcp", isIpv6: false, port: API_PORT, mesh } as const;
  const backends = servers.map((address) => new Backend({ ...route, address }));
  return new Gateway(cluster, "api", { ...served, tlsPassthrough: true, backends });
}

function after({ resource }: VirtualMachine, others: readonly VirtualMachine[]): void {
  if (others.length > 0) resource.dependsOn = others.map((other) => dependable(other.resource));
}

/** The newest that the grid's own people keep. @source facts of the k3s image */
const OFFICIAL = "https://hub.grid.tf/tf-official-apps/threefolddev-k3s-v1.31.0.flist";
