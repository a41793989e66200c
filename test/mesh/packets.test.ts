/**
 * The mesh carries packets: what nodes were really sent and what `threefold access` really prints, with real WireGuard
 * between namespaces. Needs root and a few Debian packages; says what is missing and is skipped where they are not.
 */
import { currentsOf } from "../../lib/devgrid/node/engine/deployment-store";
import { parseWorkload } from "../../lib/model/deployment";
import { parseIp } from "../../lib/model/wire/ip-address";
import type { AnyWorkload } from "../../lib/model/workloads/workload";
import { type GridProject, startGridProject } from "../support/grid-project";
import { type Callee, callEachOther } from "../support/packets/calls";
import { type Line, MeshUnderlay } from "../support/packets/mesh-underlay";
import { whatIsMissing } from "../support/packets/namespaces";
import { printAccess } from "../support/print-access";

const FLIST = "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist";
const IPV6_ONLY = "2a02:1802:5e:16:ec4:7aff:fe30:82b1";
const DEADLINE_MS = 20_000;

/** Nodes that can be dialled, by IPv4, by both, by IPv6 and a light one, and two that cannot. */
const LINES: Readonly<Record<number, Line>> = {
  1: { publicIps: ["185.206.122.31"], isBehindRouter: false },
  2: { publicIps: ["185.206.122.32", "2a10:b600:1::32"], isBehindRouter: false },
  6: { publicIps: [IPV6_ONLY], isBehindRouter: true },
  7: { publicIps: ["195.192.213.31"], isBehindRouter: false },
  3: { publicIps: [], isBehindRouter: true },
  9: { publicIps: [], isBehindRouter: true },
};
const NODES = Object.keys(LINES).map(Number);
const LIGHT = 7;
const COMPUTERS = ["laptop", "phone"];

const missing = whatIsMissing();
if (missing !== undefined) process.stderr.write(`Packets are not sent through the mesh: ${missing}.\n`);

(missing === undefined ? describe : describe.skip)("a mesh of public and hidden nodes", () => {
  let project: GridProject;
  let underlay: MeshUnderlay;

  beforeAll(async () => {
    project = await startGridProject();
    for (const [id, line] of Object.entries(LINES)) {
      const [ip4, ip6] = [4, 16].map((bytes) => line.publicIps.find((ip) => parseIp(ip)?.length === bytes));
      const publicConfig = ip4 && {
        ...{ ip4: `${ip4}/24`, gw4: "185.206.122.1" },
        ...{ ip6: ip6 ? `${ip6}/64` : "", gw6: "", domain: "" },
      };
      const zos = ["192.168.1.10", ...(ip4 === undefined && ip6 ? [ip6] : [])];
      project.grid.nodes
        .get(Number(id))
        ?.setEndpoint({ publicConfig: publicConfig || undefined, interfaces: { zos, ygg: [] } });
    }
    project.write(configuration());
    await project.terraform.apply();
    underlay = new MeshUnderlay();
  });
  afterAll(async () => {
    underlay?.close();
    await project?.close();
  });

  it("carries UDP between every two machines and users' computers, each seen under its own address", async () => {
    const callees: Callee[] = [];
    for (const nodeId of NODES) {
      const { slice, ip } = sentTo(nodeId);
      const line = LINES[nodeId] ?? { publicIps: [], isBehindRouter: true };
      underlay.addNode(`node${nodeId}`, slice, line);
      underlay.addMachine(`web${nodeId}`, `node${nodeId}`, { ip, ipRange: slice.ip_range });
      callees.push({ name: `web${nodeId}`, ip });
    }
    for (const name of COMPUTERS) {
      const { config, address } = await printAccess(project, name);
      underlay.addComputer(name, config);
      callees.push({ name, ip: address });
    }
    const answers = await callEachOther(callees, (name, command) => underlay.start(name, command), DEADLINE_MS);
    const expected = callees.flatMap((from) =>
      callees
        .filter((to) => to !== from)
        .map((to) => [`${from.name} -> ${to.name}`, { by: to.name, saw: from.ip }] as const),
    );
    expect(expected).toHaveLength(56);
    expect(answers).toEqual(Object.fromEntries(expected));
  });

  function configuration(): Record<string, unknown> {
    const machines = NODES.filter((nodeId) => nodeId !== LIGHT).map((nodeId) => {
      const ip = `\${threefold_network.mesh.addresses["web${nodeId}"]}`;
      const network = { name: "${threefold_network.mesh.network_name}", ip };
      const size = { cpu: 1, memory_mib: 512, flist: FLIST };
      const name = `web${nodeId}`;
      return [name, { project: "${threefold_project.main}", name, node_id: nodeId, ...size, network }];
    });
    const hosts = Object.fromEntries(NODES.map((nodeId) => [`web${nodeId}`, nodeId]));
    const mesh = {
      project: "${threefold_project.main}",
      name: "mesh",
      hosts,
      access: COMPUTERS,
      access_nodes: { phone: 2 },
    };
    return {
      resource: {
        threefold_project: { main: { name: "shop" } },
        threefold_network: { mesh },
        threefold_virtual_machine: Object.fromEntries(machines),
      },
    };
  }

  /** The network that a node runs, as it came over the message bus, and the address of the machine in it. */
  function sentTo(nodeId: number) {
    const records = project.grid.nodes.get(nodeId)?.snapshot().deployments ?? [];
    const workloads = records.flatMap(currentsOf).map((entry): AnyWorkload => parseWorkload(entry, entry.name));
    const slice = workloads.flatMap((workload) => (isNetwork(workload) ? [workload.data] : []))[0];
    const link = workloads.flatMap((workload) =>
      workload.type === "zmachine" ? workload.data.network.interfaces : [],
    )[0];
    if (!slice) throw new Error(`node ${nodeId} has no network`);
    // On the light node a machine is thought of: it is the mesh that is tried.
    const ip = link?.ip ?? slice.subnet.replace(/0\/24$/, "2");
    return { slice, ip };
  }
});

function isNetwork(workload: AnyWorkload) {
  return workload.type === "network" || workload.type === "network-light";
}
