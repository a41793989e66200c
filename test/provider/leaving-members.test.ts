/** Nodes that leave a mesh: what runs there keeps its connections, and who dialled them is told in the plan. */
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { joined, machine, mesh, PROJECT, stack } from "../support/grid-stack";

const MESH = "threefold_network.mesh";
const WEB = "threefold_virtual_machine.web";
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

/** Node 4 is always in the mesh, the machine on a node of choice, its successor made before it goes. */
const moving = (nodeId: number) =>
  stack(PROJECT, {
    threefold_network: { mesh: mesh({ web: nodeId }, { nodes: [4] }) },
    threefold_virtual_machine: {
      web: machine(nodeId, { network: joined("web"), lifecycle: { create_before_destroy: true } }),
    },
  });

const dialled = (nodes: readonly number[]) =>
  stack(PROJECT, { threefold_network: { mesh: mesh({}, { nodes, access: ["laptop", "phone"] }) } });

async function attributes(): Promise<Record<string, Record<string, Record<string, unknown>>>> {
  return (await project.terraform.attributes(MESH)) as Record<string, Record<string, Record<string, unknown>>>;
}

function contractsOn(nodeId: number): number[] {
  return project.grid.chain
    .listContracts()
    .flatMap((contract) => (contract.kind === "node" && contract.nodeId === nodeId ? [contract.contractId] : []));
}

describe("a node that leaves a mesh while a machine of it still runs there", () => {
  let member: Record<string, unknown> | undefined;

  test("stays connected when the machine's successor cannot be made", async () => {
    project.write(moving(1));
    await project.terraform.apply();
    member = (await attributes()).members?.["1"];
    project.write(moving(2));
    project.grid.nodes.get(2)?.failNext({ workloadType: "zmachine", message: "no kernel found" });
    const { diagnostics } = await project.terraform.fail("apply");
    expect(diagnostics.map(({ summary }) => summary)).toContainEqual(
      expect.stringMatching(/mesh.*node 1 leaves later/),
    );
    const { members, leaving } = await attributes();
    expect(Object.keys(members ?? {})).toEqual(["2", "4"]);
    const { subnet, public_key, listen_port, contract_id } = member ?? {};
    expect(leaving).toEqual({
      "1": expect.objectContaining({ subnet, public_key, listen_port, contract_id, status: "ok" }),
    });
    expect(await project.terraform.attributes(WEB)).toMatchObject({ node_id: 1, status: "ok" });
    // Network and machine.
    expect(contractsOn(1)).toHaveLength(2);
  });

  test("goes with the apply after the machine is gone, as its plan shows", async () => {
    await project.terraform.apply();
    expect(await project.terraform.attributes(WEB)).toMatchObject({ node_id: 2, status: "ok" });
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ address, actions }) => [address, actions])).toEqual([[MESH, ["update"]]]);
    await project.terraform.apply("saved.tfplan");
    expect((await attributes()).leaving).toEqual({});
    expect(contractsOn(1)).toEqual([]);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("comes back as what it was when it is wanted again meanwhile", async () => {
    project.write(moving(1));
    await project.terraform.apply();
    const { members, leaving } = await attributes();
    expect([Object.keys(members ?? {}), Object.keys(leaving ?? {})]).toEqual([["1", "4"], ["2"]]);
    const left = leaving?.["2"];
    project.write(moving(2));
    await project.terraform.apply(`-target=${MESH}`);
    const { subnet, contract_id, listen_port } = left ?? {};
    const now = await attributes();
    expect(now.members?.["2"]).toMatchObject({ subnet, contract_id, listen_port, status: "ok" });
    expect(Object.keys(now.leaving ?? {})).toEqual(["1"]);
  });

  test("serves a hidden node that will be alone", async () => {
    const alone = (nodeId: number) => {
      const { threefold_network: _, ...rest } = moving(nodeId).resource;
      project.write(stack(rest, { threefold_network: { mesh: mesh({ web: nodeId }) } }));
    };
    alone(1);
    await project.terraform.apply();
    await project.terraform.apply();
    alone(3);
    await project.terraform.apply();
    expect(Object.values((await attributes()).members ?? {})).toMatchObject([{ access_node: 1, status: "ok" }]);
    await project.terraform.apply();
    expect(Object.values((await attributes()).members ?? {})).toMatchObject([{ access_node: null, status: "ok" }]);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("goes with the mesh", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test("is ended all the same when its node does not answer", async () => {
    project.write(moving(1));
    await project.terraform.apply();
    project.grid.nodes.get(1)?.setOnline(false);
    project.write(moving(2));
    await project.terraform.apply();
    expect((await attributes()).leaving).toEqual({});
    project.grid.nodes.get(1)?.setOnline(true);
    await project.terraform.destroy();
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});

describe("the node that users dial", () => {
  test("leaves with a warning that names whose file changes", async () => {
    project.write(dialled([1, 2, 3]));
    await project.terraform.apply();
    expect((await attributes()).access_points).toMatchObject({ laptop: { node_id: 1 }, phone: { node_id: 1 } });
    project.write(dialled([2, 3]));
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics).toEqual([
      expect.objectContaining({ severity: "warning", summary: "network mesh: laptop, phone will dial another node" }),
    ]);
    expect(diagnostics[0]?.detail).toContain("threefold access mesh laptop");
    await project.terraform.apply("saved.tfplan");
    const { members, access_points } = await attributes();
    expect(access_points).toMatchObject({ laptop: { node_id: 2 }, phone: { node_id: 2 } });
    expect(members?.["3"]).toMatchObject({ access_node: 2 });
  });

  test("is warned about when it is the last, and the apply changes nothing", async () => {
    const before = await attributes();
    project.write(dialled([3]));
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics.map(({ severity, summary }) => [severity, summary])).toEqual([
      ["warning", "network mesh: nobody is left to dial"],
    ]);
    const refused = await project.terraform.fail("apply", "saved.tfplan");
    expect(refused.diagnostics.at(-1)?.detail).toContain("TFG_MESH_NO_ACCESS_NODE");
    expect(await attributes()).toEqual(before);
    await project.terraform.destroy();
  });
});
