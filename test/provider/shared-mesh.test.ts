/** A mesh that two stacks of one account use: the owner keeps addresses for the other, which reads all it needs from the grid. */

import { Testing } from "cdktf";
import { GridStack, Image, JoinedMesh, Placement, Size, VirtualMachine } from "../../lib";
import { silentLog } from "../../lib/core/log";
import { defineProvider } from "../../lib/provider/definition";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { type Block, FLIST, joined, machine, mesh, PROJECT, stack } from "../support/grid-stack";
import { TerraformProject } from "../support/terraform";

const MESH = "threefold_network.mesh";
const DATA = "data.threefold_network.shared";
let owner: GridProject;
let guest: TerraformProject;

beforeAll(async () => {
  owner = await startGridProject();
  guest = await TerraformProject.attached(defineProvider({ env: owner.env, log: silentLog }));
});
afterAll(async () => {
  await guest?.remove();
  await owner?.close();
});

const owned = (change: Block) =>
  stack(PROJECT, {
    threefold_network: { mesh: mesh({ web: 1 }, { nodes: [3], ...change }) },
    threefold_virtual_machine: { web: machine(1, { network: joined("web") }) },
  });

/** The same as a program writes it. */
function written(contractId: string, { nodeId, number }: { nodeId: number; number: number }): Record<string, unknown> {
  const ci = new GridStack(Testing.app(), "ci", { network: "devgrid", project: "ci" });
  const shared = new JoinedMesh(ci, "mesh", { contractId, block: "ci", numbers: { runner: number } });
  const size = { cpu: 1, memory: Size.mib(512), image: Image.flist(FLIST) };
  new VirtualMachine(ci, "runner", { ...size, mesh: shared, placement: Placement.node(nodeId) });
  const { terraform: _, ...config } = JSON.parse(Testing.synth(ci));
  return { ...config, provider: { threefold: owner.provider } };
}

/** A machine on node 1, at a number of the owner's subnet there. */
function joining(contractId: string, number: number): Record<string, unknown> {
  const network = {
    name: "${data.threefold_network.shared.network_name}",
    ip: `\${cidrhost(data.threefold_network.shared.subnets["1"], ${number})}`,
  };
  return {
    provider: { threefold: owner.provider },
    data: { threefold_network: { shared: { contract_id: contractId } } },
    resource: {
      threefold_project: { main: { name: "ci" } },
      threefold_virtual_machine: { runner: machine(1, { name: "runner", network }) },
    },
  };
}

async function contractOf(nodeId: number): Promise<string> {
  const members = (await owner.terraform.attributes(MESH))?.members as Record<string, { contract_id: string }>;
  return members[String(nodeId)]?.contract_id ?? "";
}

describe("a mesh with a block of addresses for another stack", () => {
  test("is made with the block, and plans nothing the second time", async () => {
    owner.write(owned({ reserved: { ci: "200-219" } }));
    await owner.terraform.apply();
    expect((await owner.terraform.plan()).changes).toEqual([]);
  });

  test("is read by the other stack from the grid alone, by any member's contract", async () => {
    guest.write(joining(await contractOf(3), 200));
    await guest.apply();
    const { subnets } = (await owner.terraform.attributes(MESH)) ?? {};
    expect(await guest.attributes(DATA)).toMatchObject({
      ...{ ip_range: "10.20.0.0/16", mycelium: true, subnets, reserved: { ci: "200-219" } },
      ...{
        contracts: { "1": await contractOf(1), "3": await contractOf(3) },
        findings: [],
        exists: true,
        reachable: true,
      },
    });
    expect(await guest.attributes("threefold_virtual_machine.runner")).toMatchObject({
      ip: "10.20.2.200",
      status: "ok",
    });
    expect((await guest.plan()).changes).toEqual([]);
    expect((await owner.terraform.plan()).changes).toEqual([]);
  });

  test("refuses a machine of the other stack an address that the owner's has, and leaves both as they are", async () => {
    guest.write(joining(await contractOf(1), 2));
    const { diagnostics } = await guest.fail("apply");
    expect(diagnostics.at(-1)?.detail).toContain("TFG_ADDRESS_TAKEN");
    expect(await owner.terraform.attributes("threefold_virtual_machine.web")).toMatchObject({ ip: "10.20.2.2" });
    guest.write(joining(await contractOf(1), 200));
    await guest.apply();
  });

  test("gives its own hosts none of the block", async () => {
    const names = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`host${i}`, 1]));
    owner.write(owned({ hosts: { web: 1, ...names }, reserved: { ci: "200-219", early: "3-5" } }));
    await owner.terraform.apply();
    expect((await owner.terraform.attributes(MESH))?.addresses).toEqual({
      ...{ web: "10.20.2.2", host0: "10.20.2.6", host1: "10.20.2.7", host2: "10.20.2.8", host3: "10.20.2.9" },
    });
  });

  test("is joined by a program, which is told in the plan where that cannot be", async () => {
    const contractId = await contractOf(3);
    await guest.destroy();
    guest.write(written(contractId, { nodeId: 4, number: 201 }));
    const stranger = await guest.fail("plan");
    expect(stranger.diagnostics.map(({ detail }) => detail).join("\n")).toContain("Node 4 is no member of the mesh");
    guest.write(written(contractId, { nodeId: 1, number: 220 }));
    const outside = await guest.fail("plan");
    expect(outside.diagnostics.map(({ detail }) => detail).join("\n")).toContain('keeps no block "ci"');
    guest.write(written(contractId, { nodeId: 1, number: 201 }));
    await guest.apply();
    expect(await guest.attributes("threefold_virtual_machine.runner")).toMatchObject({
      ip: "10.20.2.201",
      status: "ok",
    });
    expect((await guest.plan()).changes).toEqual([]);
  });

  test("keeps a node while machines of the other stack run there", async () => {
    owner.write(stack(PROJECT, { threefold_network: { mesh: mesh({}, { nodes: [3], reserved: { ci: "200-219" } }) } }));
    const { diagnostics } = await owner.terraform.apply();
    expect(diagnostics.map(({ summary }) => summary)).toContainEqual(expect.stringMatching(/node 1 leaves later/));
    await guest.destroy();
    await owner.terraform.apply();
    expect((await owner.terraform.attributes(MESH))?.leaving).toEqual({});
  });

  test.each<[string, Block, RegExp]>([
    ["that is no block", { reserved: { ci: "200" } }, /reserved\.ci cannot be "200"[\s\S]*such as 200-219/],
    ["with the gateway's address", { reserved: { ci: "1-9" } }, /reserved\.ci cannot be "1-9"[\s\S]*from 2 to 254/],
    [
      "that overlaps another",
      { reserved: { a: "200-219", b: "219-230" } },
      /reserved\.b cannot be "219-230"[\s\S]*apart from a, which has 200-219/,
    ],
  ])("refuses a block %s", async (_, change, message) => {
    owner.write(stack(PROJECT, { threefold_network: { mesh: mesh({}, { nodes: [3], ...change }) } }));
    const { diagnostics } = await owner.terraform.fail("plan");
    const said = diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
    expect(said).toMatch(message);
  });

  test("refuses a block with an address that a host has", async () => {
    const withHost = (change: Block) =>
      owner.write(stack(PROJECT, { threefold_network: { mesh: mesh({ web: 3 }, change) } }));
    withHost({});
    await owner.terraform.apply();
    withHost({ reserved: { ci: "2-9" } });
    const { diagnostics } = await owner.terraform.fail("plan");
    expect(diagnostics[0]?.detail).toMatch(/numbers that no host has; web has 10\.20\.\d+\.2/);
  });

  test("one of whose contracts was migrated onto another member's node still shows what that member has", async () => {
    owner.write(owned({}));
    await owner.terraform.apply();
    const { members } = (await owner.terraform.attributes(MESH)) as {
      members: Record<string, { contract_id: string }>;
    };
    const [contractId, other] = ["1", "3"].map((node) => members[node]?.contract_id ?? "");
    await owner.grid.control("dev.migrateContract", Number(other), 1);
    await owner.grid.control("dev.awaitNodes");
    guest.write({
      provider: { threefold: owner.provider },
      data: { threefold_network: { shared: { contract_id: contractId } } },
      output: {
        subnets: { value: "${data.threefold_network.shared.subnets}" },
        contracts: { value: "${data.threefold_network.shared.contracts}" },
      },
    });
    const { diagnostics } = await guest.apply();
    expect(diagnostics.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^The network of contract \d+ is not wholly known$/),
    ]);
    expect(await guest.outputs()).toMatchObject({
      subnets: { 1: expect.stringMatching(/\/24$/) },
      contracts: { 1: contractId },
    });
    await guest.destroy();
    await owner.terraform.apply();
  });

  test("that is gone is a value and a warning for the other stack, which can still be destroyed", async () => {
    owner.write(owned({}));
    await owner.terraform.destroy();
    expect(leftovers(owner.grid)).toEqual(NOTHING);
    guest.write({
      provider: { threefold: owner.provider },
      data: { threefold_network: { shared: { contract_id: "4711" } } },
      output: { exists: { value: "${data.threefold_network.shared.exists}" } },
    });
    const { diagnostics } = await guest.apply();
    expect(diagnostics.map(({ summary }) => summary)).toEqual(["The network of contract 4711 does not exist"]);
    expect(await guest.outputs()).toEqual({ exists: false });
    await guest.destroy();
  });
});
