import type { K3sEnvironment } from "./k3s-environment";

/** A node as a cluster knows it, running or not. */
export interface ClusterNode {
  readonly name: string;
  /** Name of its machine. */
  readonly machine: string;
  /** Workload id of its machine. */
  readonly machineId: string;
  readonly isServer: boolean;
  readonly ip: string;
  /** What a machine of the same name has to show. */
  readonly password: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A cluster as plain JSON. */
export interface ClusterState {
  readonly id: number;
  readonly token: string;
  readonly agentToken: string;
  /** PEM of the authorities that its datastore holds. */
  readonly authorities: readonly string[];
  readonly nodes: readonly ClusterNode[];
}

/** A machine that wants to be a node. */
export interface Newcomer {
  readonly id: string;
  readonly ip: string;
  readonly environment: K3sEnvironment;
}

/** Who belongs to a cluster, and on what terms. Refusals are texts for the log of the machine. */
export class K3sCluster {
  readonly #terms: Omit<ClusterState, "nodes">;
  readonly #nodes: Map<string, ClusterNode>;

  constructor({ nodes, ...terms }: ClusterState) {
    this.#terms = terms;
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
  }

  /** A cluster of its founder. */
  static found(id: number, founder: Newcomer): K3sCluster {
    const { token, agentToken } = founder.environment;
    const cluster = new K3sCluster({ id, token, agentToken, authorities: authoritiesOf(founder), nodes: [] });
    cluster.#register(founder);
    return cluster;
  }

  /** Tells it from other clusters of the same devgrid. */
  get id(): number {
    return this.#terms.id;
  }

  /** By name. */
  get nodes(): readonly ClusterNode[] {
    return [...this.#nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Takes a machine in, or gives the reason why not. */
  join(newcomer: Newcomer): string | undefined {
    const { environment } = newcomer;
    const problem = environment.isServer ? this.#serverProblem(newcomer) : this.#workerProblem(newcomer);
    if (problem !== undefined) return problem;
    // The boot script has the cluster delete the node of the machine's predecessor.
    if (environment.isServer && environment.file("boot.crt") !== "") this.#forget(environment.machine);
    this.#register(newcomer);
    return undefined;
  }

  /** Takes a node out; false when there is none of that name. */
  delete(name: string): boolean {
    return this.#nodes.delete(name);
  }

  /** Ready for JSON. */
  toJson(): ClusterState {
    return { ...this.#terms, nodes: this.nodes };
  }

  /** @source facts of k3s: tokens, authorities, etcd members */
  #serverProblem(newcomer: Newcomer): string | undefined {
    const { environment, ip } = newcomer;
    if (environment.token !== this.#terms.token) return "token is not valid: 401 Unauthorized";
    if (environment.agentToken !== this.#terms.agentToken) return "critical configuration value mismatch: agent-token";
    if (authoritiesOf(newcomer).join() !== this.#terms.authorities.join()) {
      return "authorities on disk are newer than datastore and could cause a cluster outage";
    }
    const isTaken = this.nodes.some((node) => node.isServer && node.ip === ip);
    return isTaken && environment.file("boot.crt") === "" ? "etcdserver: Peer URLs already exists" : undefined;
  }

  #workerProblem({ environment }: Newcomer): string | undefined {
    const { token, nodeName, nodePassword } = environment;
    if (token !== this.#terms.agentToken && token !== this.#terms.token) return "token is not valid: 401 Unauthorized";
    const known = this.#nodes.get(nodeName);
    const isOwn = !known || known.password === nodePassword;
    return isOwn ? undefined : "Node password rejected, duplicate hostname or contents of the password file";
  }

  #forget(machine: string): void {
    for (const node of this.nodes) if (node.isServer && node.machine === machine) this.#nodes.delete(node.name);
  }

  #register({ id, ip, environment }: Newcomer): void {
    const { nodeName: name, machine, isServer, nodePassword: password, labels } = environment;
    this.#nodes.set(name, { name, machine, machineId: id, isServer, ip, password, labels });
  }
}

function authoritiesOf({ environment }: Newcomer): string[] {
  return [environment.file("server-ca.crt"), environment.file("client-ca.crt"), environment.file("etcd/peer-ca.crt")];
}
