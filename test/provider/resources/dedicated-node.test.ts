import { randomBytes } from "node:crypto";
import { decodeRentNote, rentNoteKey } from "../../../lib/model/rent-note";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, dedicatedNode, machine, PROJECT, stack } from "../../support/grid-stack";
import { type SecondClient, secondClient } from "../../support/second-client";
import type { TerraformResult } from "../../support/terraform";

/** In the dedicated farm. */
const NODE = 12;
const OTHER = 11;
/** In an ordinary farm. */
const PLAIN = 5;

let project: GridProject;
let dashboard: SecondClient;
let stranger: SecondClient;

beforeAll(async () => {
  project = await startGridProject();
  dashboard = await secondClient(project.grid);
  stranger = await secondClient(project.grid, "//Alice");
});
afterAll(async () => {
  await dashboard?.close();
  await stranger?.close();
  await project?.close();
});

/** A rented node, and a machine on it when asked for. */
function rented(nodeId: number, machineChange?: Block, change: Block = {}) {
  const lone =
    machineChange && machine(nodeId, { node_id: "${threefold_dedicated_node.own.node_id}", ...machineChange });
  return stack(
    PROJECT,
    { threefold_dedicated_node: { own: dedicatedNode(nodeId, change) } },
    lone ? { threefold_virtual_machine: { web: lone } } : {},
  );
}

const state = async () => (await project.terraform.attributes("threefold_dedicated_node.own")) ?? {};

async function note(nodeId: number) {
  const text = await (await dashboard.clients.chain()).getNote(rentNoteKey(nodeId));
  return text === undefined ? undefined : decodeRentNote(text);
}

function said({ diagnostics }: TerraformResult): string {
  return diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
}

async function rentBy({ clients }: SecondClient, nodeId: number): Promise<number> {
  const [made] = await (await clients.chain()).submit([{ kind: "createRentContract", nodeId }]);
  return made?.contractId ?? 0;
}

async function contractBy({ clients }: SecondClient, nodeId: number): Promise<number> {
  const deploymentHash = randomBytes(16).toString("hex");
  const call = { kind: "createNodeContract", nodeId, deploymentHash, deploymentData: "{}" } as const;
  const [made] = await (await clients.chain()).submit([{ ...call, publicIps: 0 }]);
  return made?.contractId ?? 0;
}

describe("the life of a dedicated node", () => {
  let first: Record<string, unknown>;

  test("is rented before what runs on it, which its node would otherwise refuse", async () => {
    project.write(rented(NODE, {}));
    await project.terraform.apply();
    first = await state();
    expect(first).toMatchObject({ node_id: NODE, identity: "own", status: "ok" });
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    expect(web).toMatchObject({ node_id: NODE, status: "ok" });
    expect(Number(first.contract_id)).toBeLessThan(Number(web?.contract_id));
    expect(await note(NODE)).toEqual({
      contractId: Number(first.contract_id),
      stamp: { lineage: expect.stringMatching(/^shop\./), role: "dedicated_node/own", token: first.stamp },
    });
  });

  test("plans nothing the second time, and a second apply sends nothing", async () => {
    expect((await project.terraform.plan()).changes).toEqual([]);
    const { extrinsics } = project.grid.stats().chain;
    await project.terraform.apply();
    expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
  });

  test("is renamed without a word to the chain", async () => {
    const { extrinsics } = project.grid.stats().chain;
    project.write(rented(NODE, {}, { name: "mine" }));
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ address, actions }) => [address, actions])).toEqual([
      ["threefold_dedicated_node.own", ["update"]],
    ]);
    await project.terraform.apply("saved.tfplan");
    expect(await state()).toMatchObject({ name: "mine", identity: "own", contract_id: first.contract_id });
    expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is imported by its contract, and the plan after it is empty", async () => {
    project.write(rented(NODE, {}));
    await project.terraform.apply();
    await project.terraform.succeed("state", "rm", "threefold_dedicated_node.own");
    await project.terraform.succeed("import", "-no-color", "threefold_dedicated_node.own", String(first.contract_id));
    expect((await project.terraform.plan()).changes).toEqual([]);
    expect(await state()).toMatchObject({ contract_id: first.contract_id, stamp: first.stamp });
  });

  test("is not imported into another project, which would give it back", async () => {
    await project.terraform.succeed("state", "rm", "threefold_dedicated_node.own", "threefold_virtual_machine.web");
    const other = { ...dedicatedNode(NODE), project: "${threefold_project.other}" };
    const projects = { ...PROJECT.threefold_project, other: { name: "other" } };
    project.write(stack({ threefold_project: projects }, { threefold_dedicated_node: { own: other } }));
    await project.terraform.succeed("import", "-no-color", "threefold_dedicated_node.own", String(first.contract_id));
    expect(said(await project.terraform.fail("plan"))).toContain("belongs to another project");
    await project.terraform.succeed("state", "rm", "threefold_dedicated_node.own");
    project.write(rented(NODE, {}));
    await project.terraform.apply();
    expect(await state()).toMatchObject({ contract_id: first.contract_id });
    first = await state();
  });

  test("is made anew when it was ended elsewhere, and its old note with it", async () => {
    project.write(rented(NODE));
    await project.terraform.apply();
    await dashboard.cancel(Number(first.contract_id));
    expect((await project.terraform.plan()).changes[0]?.actions).toEqual(["create"]);
    await project.terraform.apply("saved.tfplan");
    const after = await state();
    expect(after.contract_id).not.toBe(first.contract_id);
    expect((await note(NODE))?.contractId).toBe(Number(after.contract_id));
  });

  test("is replaced for another node", async () => {
    project.write(rented(OTHER));
    const { changes } = await project.terraform.plan();
    expect(changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["node_id"]] });
    await project.terraform.apply("saved.tfplan");
    expect(await state()).toMatchObject({ node_id: OTHER, status: "ok" });
    expect(await note(NODE)).toBeUndefined();
    expect(leftovers(project.grid).contracts).toEqual([Number((await state()).contract_id)]);
  });

  test("is not given back for a node that cannot be had", async () => {
    const rent = await rentBy(stranger, NODE);
    project.write(rented(NODE));
    const text = said(await project.terraform.fail("apply"));
    expect(text).toContain("dedicated node own was to be replaced, and cannot be made anew");
    expect(text).toContain("Node 12 is rented by twin 3");
    expect(await state()).toMatchObject({ node_id: OTHER });
    expect(leftovers(project.grid).contracts).toContain(Number((await state()).contract_id));
    await stranger.cancel(rent);
  });

  test("leaves neither rent nor note behind when it is destroyed, with a machine on it", async () => {
    project.write(rented(OTHER, {}));
    await project.terraform.apply();
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
    expect(await note(OTHER)).toBeUndefined();
  });
});

describe("a rent that cannot be had", () => {
  /** An apply that is refused before anything is sent. */
  async function refusal(nodeId: number): Promise<string> {
    project.write(rented(nodeId));
    expect((await project.terraform.plan()).changes).toHaveLength(2);
    const { extrinsics } = project.grid.stats().chain;
    const result = await project.terraform.fail("apply");
    expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
    await project.terraform.destroy();
    return said(result);
  }

  test("is refused for a node that somebody else rents, naming the twin", async () => {
    const rent = await rentBy(stranger, NODE);
    const text = await refusal(NODE);
    expect(text).toContain("Node 12 is rented by twin 3, so dedicated node own cannot have it.");
    expect(text).toContain("Nothing was made and nothing bills.");
    expect(text).toContain("[TFG_NODE_RENTED]");
    await stranger.cancel(rent);
  });

  test("is refused for a node that runs something, naming whose it is", async () => {
    const theirs = await contractBy(stranger, PLAIN);
    const ours = await contractBy(dashboard, PLAIN);
    const text = await refusal(PLAIN);
    expect(text).toContain("Node 5 cannot be rented for dedicated node own: 2 contract(s) stand on it.");
    expect(text).toMatch(new RegExp(`contract ${theirs} +of twin 3`));
    expect(text).toMatch(new RegExp(`contract ${ours} +yours, made by another client`));
    expect(text).toContain("[TFG_NODE_IN_USE]");
    await stranger.cancel(theirs);
    await dashboard.cancel(ours);
  });

  test("is refused for a node that does not exist", async () => {
    expect(await refusal(999)).toContain("There is no node 999 on this network.");
  });

  test("is never one that the dashboard made, whatever an old note says", async () => {
    project.write(rented(NODE));
    await project.terraform.apply();
    const { contract_id: id } = await state();
    await dashboard.cancel(Number(id));
    const rent = await rentBy(dashboard, NODE);
    const failed = await project.terraform.fail("apply");
    expect(said(failed)).toContain("This account rents node 12 already, but not for dedicated node own.");
    expect(said(failed)).toMatch(/rented by +another client of this account/);
    const imported = await project.terraform.fail("import", "-no-color", "threefold_dedicated_node.own", String(rent));
    expect(imported.stderr).toContain("was made by another client");
    await project.terraform.destroy();
    expect(leftovers(project.grid).contracts).toEqual([rent]);
    await dashboard.cancel(rent);
  });

  test("is kept from a machine on a node that nobody has rented, with what the chain left out", async () => {
    project.write(stack(PROJECT, { threefold_virtual_machine: { web: machine(NODE) } }));
    const text = said(await project.terraform.fail("apply"));
    expect(text).toContain("NodeNotAvailableToDeploy");
    expect(text).toMatch(/rented by +nobody/);
    expect(text).toMatch(/dedicated to one renter +yes/);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test("is refused in the plan when another object rents the node already", async () => {
    const rents = { own: dedicatedNode(NODE), twin: dedicatedNode(NODE, { name: "twin" }) };
    project.write(stack(PROJECT, { threefold_dedicated_node: rents }));
    expect(said(await project.terraform.fail("plan"))).toMatch(/node_id cannot be 12[\s\S]*rents it already/);
  });

  test.each([0, 1.5, 2 ** 32])("is refused for node_id %p while it is written", async (nodeId) => {
    project.write(rented(nodeId));
    expect(said(await project.terraform.fail("plan"))).toContain("node_id cannot be");
  });
});

test("an unpaid rent is told with every plan, keeps what can be changed, and can be ended", async () => {
  project.write(rented(NODE));
  await project.terraform.apply();
  const { contract_id: id } = await state();
  await project.grid.control("dev.setGrace", Number(id));
  const { changes, diagnostics } = await project.terraform.plan();
  expect(changes).toEqual([]);
  expect(diagnostics.map(({ summary }) => summary)).toEqual(["dedicated node own is unpaid"]);
  project.write(rented(NODE, undefined, { name: "mine" }));
  await project.terraform.apply();
  expect(await state()).toMatchObject({ name: "mine", contract_id: id });
  await project.terraform.destroy();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});

describe("a rent that cannot end", () => {
  test("says what stands in the way, goes on, and ends once that is gone", async () => {
    project.write(rented(NODE));
    await project.terraform.apply();
    const inTheWay = await contractBy(dashboard, NODE);
    const text = said(await project.terraform.fail("destroy"));
    const { contract_id: id } = await state();
    expect(text).toContain("dedicated node own cannot end yet: 1 contract(s) stand on node 12.");
    expect(text).toMatch(new RegExp(`contract ${inTheWay} +yours, made by another client`));
    expect(text).toContain(`The rent, contract ${id}, goes on billing, and so do they.`);
    await dashboard.cancel(inTheWay);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
    expect(await note(NODE)).toBeUndefined();
  });

  test("waits for a machine of its project that does not refer to it and ends in the same walk", async () => {
    project.write(rented(PLAIN, { node_id: PLAIN }));
    await project.terraform.apply("-target=threefold_dedicated_node.own");
    await project.terraform.apply();
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test("is left alone when another state has taken it over", async () => {
    project.write(rented(NODE));
    await project.terraform.apply();
    const { contract_id: id } = await state();
    const chain = await dashboard.clients.chain();
    const value = JSON.stringify({ p: "other.0123456789abcdef", r: "dedicated_node/own", t: "x", c: Number(id) });
    await chain.submit([{ kind: "setNote", key: rentNoteKey(NODE), value }]);
    const result = await project.terraform.destroy();
    expect(said(result)).toContain(`dedicated node own: contract ${id} was left alone`);
    expect(leftovers(project.grid).contracts).toEqual([Number(id)]);
    await chain.submit([
      { kind: "cancelContract", contractId: Number(id) },
      { kind: "deleteNote", key: rentNoteKey(NODE) },
    ]);
  });
});
