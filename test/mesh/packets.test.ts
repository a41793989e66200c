/**
 * The mesh carries packets: what nodes were really sent and what `threefold access` really prints, with real WireGuard
 * between namespaces. Needs root and a few Debian packages; says what is missing and is skipped where they are not.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runThreefold } from "../../lib/cli/threefold";
import { currentsOf } from "../../lib/devgrid/node/engine/deployment-store";
import { parseWorkload } from "../../lib/model/deployment";
import { parseCidr, parseIp } from "../../lib/model/wire/ip-address";
import type { AnyWorkload } from "../../lib/model/workloads/workload";
import { type GridProject, startGridProject } from "../support/grid-project";
import { type Callee, callEachOther } from "../support/packets/calls";
import { type Line, MeshUnderlay } from "../support/packets/mesh-underlay";
import { whatIsMissing } from "../support/packets/namespaces";

const FLIST = "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist";
const IPV6_ONLY = "2a02:1802:5e:16:ec4:7aff:fe30:82b1";
const DEADLINE_MS = 20_000;

/** Three nodes that can be dialled, by IPv4, by both and by IPv6, and two that cannot. */
const LINES: Readonly<Record<number, Line>> = {
  1: { publicIps: ["185.206.122.31"], isBehindRouter: false },
  2: { publicIps: ["185.206.122.32", "2a10:b600:1::32"], isBehindRouter: false },
  6: { publicIps: [IPV6_ONLY], isBehindRouter: true },
  3: { publicIps: [], isBehindRouter: true },
  9: { publicIps: [], isBehindRouter: true },
};
const NODES = Object.keys(LINES).map(Number);
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
      const { slice, machine } = sentTo(nodeId);
      const line = LINES[nodeId] ?? { publicIps: [], isBehindRouter: true };
      underlay.addNode(`node${nodeId}`, slice, line);
      const [link] = machine.network.interfaces;
      if (!link) throw new Error(`the machine on node ${nodeId} has no address`);
      expect(parseCidr(slice.subnet)).toMatchObject({ prefix: 24 });
      underlay.addMachine(`web${nodeId}`, `node${nodeId}`, { ip: link.ip, ipRange: slice.ip_range });
      callees.push({ name: `web${nodeId}`, ip: link.ip });
    }
    for (const name of COMPUTERS) {
      const { config, address } = await printAccess(name);
      underlay.addComputer(name, config);
      callees.push({ name, ip: address });
    }
    const answers = await callEachOther(callees, (name, command) => underlay.start(name, command), DEADLINE_MS);
    const expected = callees.flatMap((from) =>
      callees
        .filter((to) => to !== from)
        .map((to) => [`${from.name} -> ${to.name}`, { by: to.name, saw: from.ip }] as const),
    );
    expect(expected).toHaveLength(42);
    expect(answers).toEqual(Object.fromEntries(expected));
  });

  function configuration(): Record<string, unknown> {
    const machines = NODES.map((nodeId) => {
      const ip = `\${threefold_network.mesh.addresses["web${nodeId}"]}`;
      const network = { name: "${threefold_network.mesh.network_name}", ip };
      const size = { cpu: 1, memory_mib: 512, flist: FLIST };
      const name = `web${nodeId}`;
      return [name, { project: "${threefold_project.main}", name, node_id: nodeId, ...size, network }];
    });
    const hosts = Object.fromEntries(NODES.map((nodeId) => [`web${nodeId}`, nodeId]));
    const mesh = { project: "${threefold_project.main}", name: "mesh", hosts, access: COMPUTERS };
    return {
      resource: {
        threefold_project: { main: { name: "shop" } },
        threefold_network: { mesh },
        threefold_virtual_machine: Object.fromEntries(machines),
      },
    };
  }

  /** The workloads that a node runs, as they came over the message bus. */
  function sentTo(nodeId: number) {
    const records = project.grid.nodes.get(nodeId)?.snapshot().deployments ?? [];
    const workloads = records.flatMap(currentsOf).map((entry): AnyWorkload => parseWorkload(entry, entry.name));
    const slices = workloads.flatMap((workload) => (workload.type === "network" ? [workload.data] : []));
    const machines = workloads.flatMap((workload) => (workload.type === "zmachine" ? [workload.data] : []));
    const [[slice], [machine]] = [slices, machines];
    if (!slice || !machine) throw new Error(`node ${nodeId} has no network or no machine`);
    return { slice, machine };
  }

  async function printAccess(name: string): Promise<{ readonly config: string; readonly address: string }> {
    const { stdout } = await project.terraform.succeed("state", "pull");
    const file = join(project.terraform.dir, "pulled.json");
    writeFileSync(file, stdout);
    const said = { out: "", err: "" };
    const mnemonic = join(project.terraform.dir, "mnemonic");
    writeFileSync(mnemonic, project.env.THREEFOLD_MNEMONIC ?? "", { mode: 0o600 });
    const code = await runThreefold(["access", "mesh", name, "--json", "--state", file, "--mnemonic-file", mnemonic], {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      stop: new AbortController().signal,
    });
    expect([code, said.err]).toEqual([0, ""]);
    return JSON.parse(said.out);
  }
});
