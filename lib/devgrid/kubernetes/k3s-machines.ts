import { messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import type { MachineBoot, MachineHost } from "../node/runtime/machine-host";
import { type ApiServer, startApiServer } from "./api-server";
import { type ClusterState, K3sCluster } from "./k3s-cluster";
import { isK3sImage, K3sEnvironment } from "./k3s-environment";

/** What became of a machine: a server founded or joined, a worker joined, or it is on its way. */
export type K3sRole = "founded" | "joined" | "waiting" | "refused";

/** What a data disk remembers. */
interface DiskMemo {
  readonly clusterId: number;
  readonly role: "founded" | "joined";
}

/** All clusters of a devgrid as plain JSON. */
export interface K3sState {
  readonly clusters: readonly ClusterState[];
  /** Running machines, in the order in which they started. */
  readonly machines: readonly MachineBoot[];
  /** By workload id. */
  readonly disks: Readonly<Record<string, DiskMemo>>;
}

/** A machine of a cluster, as the controls tell of it. */
export interface K3sMachineView {
  readonly contractId: number;
  readonly nodeId: number;
  /** User's name for the cluster. */
  readonly cluster: string;
  readonly machine: string;
  /** Name of its Kubernetes node. */
  readonly node: string;
  readonly ip: string;
  readonly role: K3sRole;
  /** Tells one founded cluster from another; missing while it belongs to none. */
  readonly clusterId?: number;
  /** Why it was refused, or cannot be served. */
  readonly problem?: string;
  /** Where its API is served on this machine; servers only. */
  readonly url?: string;
}

interface Running {
  readonly boot: MachineBoot;
  readonly environment: K3sEnvironment;
  role: K3sRole;
  clusterId?: number;
  problem?: string;
  api?: Promise<ApiServer | undefined>;
}

/** What clusters need of the grid around them. */
export interface K3sOptions {
  /** Whether a node is on the network. */
  readonly isUp: (nodeId: number) => boolean;
  /** Where odd requests are told. */
  readonly log: Log;
}

/**
 * Machines that run k3s, as far as somebody outside can see: who founds, who joins, who is refused, and an API server
 * that answers with a certificate of the cluster's own authority.
 *
 * Differs from the real thing:
 * - Nothing is executed. What the boot script and k3s would do is read from the environment that the machine got.
 * - A cluster is up at once, and does not need a majority of its servers. A node is ready while its machine runs.
 * - The API knows `/ping`, `/readyz`, `/livez`, `/healthz`, `/version` and nodes, for administrators only.
 */
export class K3sMachines implements MachineHost {
  readonly #options: K3sOptions;
  readonly #machines = new Map<string, Running>();
  readonly #clusters = new Map<number, K3sCluster>();
  readonly #disks = new Map<string, DiskMemo>();
  #requests = 0;

  constructor(options: K3sOptions) {
    this.#options = options;
  }

  /** Goes on where an earlier run ended. */
  restore({ clusters, machines, disks }: K3sState = { clusters: [], machines: [], disks: {} }): void {
    for (const state of clusters) this.#clusters.set(state.id, new K3sCluster(state));
    for (const [id, memo] of Object.entries(disks)) this.#disks.set(id, memo);
    for (const boot of machines) this.started(boot);
  }

  /** Grows with every request to an API server. */
  requestCount(): number {
    return this.#requests;
  }

  started(boot: MachineBoot): void {
    if (!isK3sImage(boot.flist)) return;
    this.stopped(boot.id);
    this.#machines.set(boot.id, { boot, environment: new K3sEnvironment(boot), role: "waiting" });
    this.#settle();
  }

  stopped(id: string): void {
    const machine = this.#machines.get(id);
    if (!machine) return;
    this.#machines.delete(id);
    void machine.api?.then((api) => api?.close());
  }

  wiped(diskId: string): void {
    this.#disks.delete(diskId);
  }

  /** Machines of a cluster by its name, of the cluster that has a contract, or of all; every API server is up by then. */
  async view(which?: string | number): Promise<{ servers: K3sMachineView[]; agents: K3sMachineView[] }> {
    this.#settle();
    const running = [...this.#machines.values()].filter((machine) => this.#isMeant(machine, which));
    const views = await Promise.all(
      running.map(async (machine) => ({ isServer: machine.environment.isServer, view: await viewOf(machine) })),
    );
    const part = (isServer: boolean) => views.filter((each) => each.isServer === isServer).map(({ view }) => view);
    return { servers: part(true), agents: part(false) };
  }

  /** Everything, ready for JSON. */
  snapshot(): K3sState {
    return {
      clusters: [...this.#clusters.values()].map((cluster) => cluster.toJson()),
      machines: [...this.#machines.values()].map(({ boot }) => boot),
      disks: Object.fromEntries(this.#disks),
    };
  }

  /** Stops every API server. */
  async close(): Promise<void> {
    await Promise.all([...this.#machines.values()].map(async ({ api }) => (await api)?.close()));
  }

  #isMeant({ boot, environment, clusterId }: Running, which: string | number | undefined): boolean {
    if (which === undefined) return true;
    if (typeof which === "string") return environment.clusterName === which;
    const other = [...this.#machines.values()].find(({ boot: { contractId } }) => contractId === which);
    return boot.contractId === which || (clusterId !== undefined && other?.clusterId === clusterId);
  }

  /** Lets everybody who waits look again, until nobody gets any further. */
  #settle(): void {
    const waiting = () => [...this.#machines.values()].filter(({ role }) => role === "waiting");
    while (waiting().some((machine) => this.#proceed(machine)));
  }

  /** One look of a machine at the world; true when it is through. */
  #proceed(machine: Running): boolean {
    const { environment, boot } = machine;
    const memo = environment.isServer ? this.#disks.get(environment.dataDisk) : undefined;
    const known = memo && this.#clusters.get(memo.clusterId);
    if (known) return this.#enter(machine, known, memo.role);
    const open = this.#answering(machine);
    const newcomer = { id: boot.id, ip: boot.ip, environment };
    if (open) {
      const problem = open.join(newcomer);
      if (problem === undefined) return this.#enter(machine, open, "joined");
      machine.role = "refused";
      machine.problem = problem;
      return true;
    }
    if (!environment.mayFound) return false;
    const cluster = K3sCluster.found(Math.max(0, ...this.#clusters.keys()) + 1, newcomer);
    this.#clusters.set(cluster.id, cluster);
    return this.#enter(machine, cluster, "founded");
  }

  /** The cluster of the first server in reach that answers. */
  #answering({ boot, environment }: Running): K3sCluster | undefined {
    for (const ip of environment.others) {
      const server = [...this.#machines.values()].find(
        (other) =>
          other.boot.ip === ip &&
          other.boot.network === boot.network &&
          other.boot.twinId === boot.twinId &&
          other.environment.isServer &&
          this.#options.isUp(other.boot.nodeId),
      );
      const cluster = server?.clusterId === undefined ? undefined : this.#clusters.get(server.clusterId);
      if (cluster) return cluster;
    }
    return undefined;
  }

  #enter(machine: Running, cluster: K3sCluster, role: "founded" | "joined"): true {
    machine.role = role;
    machine.clusterId = cluster.id;
    if (machine.environment.isServer) {
      this.#disks.set(machine.environment.dataDisk, { clusterId: cluster.id, role });
      machine.api = this.#serve(machine, cluster);
    }
    return true;
  }

  async #serve(machine: Running, cluster: K3sCluster): Promise<ApiServer | undefined> {
    const { boot, environment } = machine;
    // A cluster that was made otherwise keeps its authorities to itself.
    if (environment.file("server-ca.key") === "") return undefined;
    try {
      return await startApiServer({
        cluster,
        environment,
        addresses: [boot.ip],
        isReady: (id) => {
          const runs = this.#machines.get(id);
          return runs !== undefined && this.#options.isUp(runs.boot.nodeId);
        },
        onRequest: () => {
          this.#requests++;
        },
        log: this.#options.log,
      });
    } catch (error) {
      machine.problem = messageOf(error);
      return undefined;
    }
  }
}

async function viewOf({ boot, environment, role, clusterId, problem, api }: Running): Promise<K3sMachineView> {
  const served = await api;
  return {
    contractId: boot.contractId,
    nodeId: boot.nodeId,
    cluster: environment.clusterName,
    machine: environment.machine,
    node: environment.nodeName,
    ip: boot.ip,
    role,
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(problem === undefined ? {} : { problem }),
    ...(served ? { url: served.url } : {}),
  };
}
