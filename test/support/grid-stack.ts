/** Configurations of small stacks, as synth would write them. Every change is merged over a working default. */

/** An image that every node takes. */
export const FLIST = "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist";

/** Attributes of a resource. */
export type Block = Readonly<Record<string, unknown>>;

/** Resources by type and name. */
export type Resources = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** The project that everything else belongs to. */
export const PROJECT: Resources = { threefold_project: { main: { name: "shop" } } };

/** A machine of the project. */
export function machine(nodeId: number, change: Block = {}): Block {
  return {
    project: "${threefold_project.main}",
    name: "web",
    node_id: nodeId,
    cpu: 1,
    memory_mib: 512,
    flist: FLIST,
    ...change,
  };
}

/** A zdb of the project. */
export function zdb(nodeId: number, change: Block = {}): Block {
  return { project: "${threefold_project.main}", name: "db", node_id: nodeId, size_gib: 5, ...change };
}

/** A gateway of the project at a reserved name. */
export function gatewayName(nodeId: number, change: Block = {}): Block {
  const backends = ["http://185.206.122.100:8080"];
  return { project: "${threefold_project.main}", name: "shop", node_id: nodeId, backends, ...change };
}

/** A gateway of the project at a domain of one's own. */
export function gatewayFqdn(nodeId: number, change: Block = {}): Block {
  const backends = ["http://185.206.122.100:8080"];
  return {
    project: "${threefold_project.main}",
    name: "www",
    fqdn: "www.example.org",
    node_id: nodeId,
    backends,
    ...change,
  };
}

/** A rented node of the project. */
export function dedicatedNode(nodeId: number, change: Block = {}): Block {
  return { project: "${threefold_project.main}", name: "own", node_id: nodeId, ...change };
}

/** A raw deployment of the project. */
export function deployment(nodeId: number, workloads: unknown, change: Block = {}): Block {
  const text = typeof workloads === "string" ? workloads : JSON.stringify(workloads);
  return { project: "${threefold_project.main}", name: "raw", node_id: nodeId, workloads: text, ...change };
}

/** A mesh of the project, called `mesh`. */
export function mesh(hosts: Readonly<Record<string, number>>, change: Block = {}): Block {
  return { project: "${threefold_project.main}", name: "mesh", hosts, ...change };
}

/** How a host of the mesh joins it. */
export function joined(host: string): Block {
  return {
    name: "${threefold_network.mesh.network_name}",
    ip: `\${threefold_network.mesh.addresses["${host}"]}`,
  };
}

/** One configuration of several groups of resources; a lifecycle belongs into a block. */
export function stack(...groups: readonly Resources[]): { readonly resource: Resources } {
  const types = [...new Set(groups.flatMap((group) => Object.keys(group)))];
  return {
    resource: Object.fromEntries(
      types.map((type) => [type, Object.assign({}, ...groups.map((group) => group[type] ?? {}))]),
    ),
  };
}

/** A mesh over so many nodes, from the first on, with a machine on each. */
export function machinesOnMesh(count: number): { readonly resource: Resources } {
  const nodes = Array.from({ length: count }, (_, index) => index + 1);
  const machines = nodes.map((node) => [`m${node}`, machine(node, { name: `m${node}`, network: joined(`m${node}`) })]);
  return stack(PROJECT, {
    threefold_network: { mesh: mesh(Object.fromEntries(nodes.map((node) => [`m${node}`, node]))) },
    threefold_virtual_machine: Object.fromEntries(machines),
  });
}

/** A namespace on each of so many nodes, from the first on. */
export function namespaces(count: number): { readonly resource: Resources } {
  const nodes = Array.from({ length: count }, (_, index) => index + 1);
  const stores = nodes.map((node) => [`db${node}`, zdb(node, { name: `db${node}` })]);
  return stack(PROJECT, { threefold_zdb: Object.fromEntries(stores) });
}
