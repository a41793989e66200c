/** Two contracts stand behind a gateway at a reserved name: whatever happens to one, they end up as one of each, or none. */
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { poll } from "../../lib/core/backoff";
import { systemClock } from "../../lib/core/clock";
import { Secret } from "../../lib/core/secret";
import type { ChainClient, GridClients } from "../../lib/grid/clients";
import { connect } from "../../lib/grid/connect";
import { createKeyPair } from "../../lib/model/key-pair";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { type Block, gatewayName, PROJECT, stack } from "../support/grid-stack";
import { type SecondClient, secondClient } from "../support/second-client";
import type { TerraformResult } from "../support/terraform";

const GATEWAY = "threefold_gateway_name.www";
let project: GridProject;
let other: SecondClient;
let stranger: GridClients | undefined;

beforeAll(async () => {
  project = await startGridProject();
  other = await secondClient(project.grid);
});
afterAll(async () => {
  await other?.close();
  await stranger?.close();
  await project?.close();
});
afterEach(async () => {
  await project.terraform.run("destroy");
  project.terraform.reset();
  for (const { contractId } of project.grid.chain.listContracts()) await other.cancel(contractId);
  await project.grid.control("dev.awaitNodes");
});

const www = (nodeId = 1, change: Block = {}) =>
  stack(PROJECT, { threefold_gateway_name: { www: gatewayName(nodeId, change) } });

const state = async () => (await project.terraform.attributes(GATEWAY)) ?? {};

const textOf = ({ diagnostics }: TerraformResult) =>
  diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");

/** The chain as another account sees it. */
async function strangers(): Promise<ChainClient> {
  const { chain, relay, directory } = project.grid.describe();
  const account = await createKeyPair(new Secret("//Alice"), "sr25519");
  stranger ??= connect({ endpoints: { chain: [chain], relay: [relay], directory: [directory] }, account });
  return stranger.chain();
}

/** Waits until so many extrinsics wait for a block. */
async function pending(count: number): Promise<void> {
  const socket = new WebSocket(project.grid.describe().chain);
  await once(socket, "open");
  const onTimeout = () => new Error(`there are not ${count} extrinsics waiting`);
  await poll({ clock: systemClock, firstMs: 20, maxMs: 50, deadlineMs: 60_000, onTimeout }, async () => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "author_pendingExtrinsics", params: [] }));
    const [answer] = await once(socket, "message");
    return JSON.parse(String(answer)).result.length >= count ? true : undefined;
  });
  socket.terminate();
}

/** Well, with one of each contract, both in state. */
async function expectOneOfEach(): Promise<Record<string, unknown>> {
  const found = await state();
  expect(found.status).toBe("ok");
  const ids = [Number(found.contract_id), Number(found.name_contract_id)].sort((a, b) => a - b);
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual({
    contracts: ids,
    deployments: [`${String(found.node_id)}/${String(found.contract_id)}`],
  });
  expect((await project.terraform.plan()).changes).toEqual([]);
  return found;
}

async function apply(config: Record<string, unknown>): Promise<Record<string, unknown>> {
  project.write(config);
  await project.terraform.apply();
  return expectOneOfEach();
}

describe("a name that is taken is refused before anything is made", () => {
  const refused = async () => {
    const { extrinsics } = project.grid.stats().chain;
    project.write(www());
    const said = textOf(await project.terraform.fail("apply"));
    for (const text of ['gateway name "shop" of gateway shop is taken', "Nothing was made", "TFG_NAME_TAKEN"]) {
      expect(said).toContain(text);
    }
    expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
    return said;
  };

  test("by a stranger", async () => {
    const stranger = await strangers();
    const [made] = await stranger.submit([{ kind: "createNameContract", name: "shop" }]);
    const { twinId } = await stranger.requireTwin();
    expect(await refused()).toContain(`reserved by  twin ${twinId}`);
    await stranger.submit([{ kind: "cancelContract", contractId: made?.contractId ?? 0 }]);
  });

  test("by the same account for something else", async () => {
    await (await other.clients.chain()).submit([{ kind: "createNameContract", name: "shop" }]);
    expect(await refused()).toContain("reserved by  this account, for something else");
  });

  test("and what runs is not ended for it", async () => {
    const before = await apply(www(1, { identity: "www", name: "store" }));
    await (await other.clients.chain()).submit([{ kind: "createNameContract", name: "shop" }]);
    project.write(www(1, { identity: "www" }));
    expect(textOf(await project.terraform.fail("apply"))).toMatch(/cannot be made anew: The gateway name "shop"/);
    expect(await state()).toEqual(before);
    expect(leftovers(project.grid).contracts).toHaveLength(3);
  });

  test("by another gateway of the account, also when a lost run has left one of this object under another name", async () => {
    await apply(www(1, { identity: "www", name: "store" }));
    await project.terraform.succeed("state", "rm", GATEWAY);
    await (await other.clients.chain()).submit([{ kind: "createNameContract", name: "shop" }]);
    project.write(www(1, { identity: "www" }));
    expect(textOf(await project.terraform.fail("apply"))).toContain("this account, for something else");
  });

  test("in one stack twice, in the plan already", async () => {
    const again = gatewayName(2, { identity: "again" });
    project.write(stack(PROJECT, { threefold_gateway_name: { www: gatewayName(1), again } }));
    const said = textOf(await project.terraform.fail("plan"));
    expect(said).toContain('name cannot be "shop"');
    expect(said).toMatch(/gateway_name\/(shop|again) has it already/);
  });
});

test("a name that is snatched away in the last moment takes the gateway's contract down with it", async () => {
  const stranger = await strangers();
  await project.grid.control("dev.pauseBlocks");
  // In the pool before the provider looks, and in the block before its own.
  const snatched = stranger.submit([{ kind: "createNameContract", name: "shop" }]);
  await pending(1);
  project.write(www());
  const applied = project.terraform.run("apply");
  await pending(2);
  await project.grid.control("dev.resumeBlocks");
  const [made] = await snatched;
  const said = textOf(await applied);
  expect(said).toContain("reserved by  somebody who was a moment faster");
  expect(leftovers(project.grid)).toEqual({ contracts: [made?.contractId], deployments: [] });
  await stranger.submit([{ kind: "cancelContract", contractId: made?.contractId ?? 0 }]);
});

describe("what a run has made is found again when it was killed before it could write that down", () => {
  test("a gateway and its name", async () => {
    const first = await apply(www());
    await project.terraform.succeed("state", "rm", GATEWAY);
    const { contract_id, name_contract_id } = await apply(www());
    expect({ contract_id, name_contract_id }).toEqual({
      contract_id: first.contract_id,
      name_contract_id: first.name_contract_id,
    });
  });

  test.each([
    ["goes on to where it was to go", 2],
    ["goes back to where it was", 1],
  ])("a move: it %s", async (_, nodeId) => {
    const before = await apply(www());
    const file = join(project.terraform.dir, "terraform.tfstate");
    copyFileSync(file, `${file}.kept`);
    await apply(www(2));
    copyFileSync(`${file}.kept`, file);
    project.write(www(nodeId));
    await project.terraform.apply();
    const found = await state();
    expect(found).toMatchObject({ status: "ok", node_id: nodeId, name_contract_id: before.name_contract_id });
    if (nodeId === 2) {
      await expectOneOfEach();
      return;
    }
    // Which of the two is wanted, nobody but the user knows.
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/on node 2 carries its stamp, too/),
    ]);
  });
});

test("what a killed move has left on another node is reported while it is there, and used by the next move there", async () => {
  const before = await apply(www());
  const contract = project.grid.chain.getContract(Number(before.contract_id));
  if (contract?.kind !== "node") throw new Error("there is no contract to copy");
  const [left] = await (await other.clients.chain()).submit([
    {
      kind: "createNodeContract",
      nodeId: 2,
      deploymentHash: contract.deploymentHash,
      deploymentData: contract.deploymentData.replace(String(before.stamp), "0123456789abcdef"),
      publicIps: 0,
    },
  ]);
  const { changes, diagnostics } = await project.terraform.plan();
  expect(changes).toEqual([]);
  expect(diagnostics.map(({ severity, summary }) => [severity, summary])).toEqual([
    ["warning", `gateway name shop: contract ${left?.contractId} on node 2 carries its stamp, too`],
  ]);
  await project.grid.control("dev.setDown", "directory");
  expect((await project.terraform.plan()).diagnostics).toEqual([]);
  await project.grid.control("dev.setDown", "directory", false);
  const { contract_id, name_contract_id } = await apply(www(2));
  expect({ contract_id, name_contract_id }).toEqual({
    contract_id: String(left?.contractId),
    name_contract_id: before.name_contract_id,
  });
});

describe("a creation that fails takes both contracts back", () => {
  test.each([
    ["refuses it at the door", { command: "zos.deployment.deploy", message: "the farmer said no" }],
    ["cannot serve it", { workloadType: "gateway-name-proxy", message: "traefik is down" }],
  ])("when the node %s", async (_, fault) => {
    project.grid.nodes.get(1)?.failNext(fault);
    project.write(www());
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toContain(fault.message);
    expect(said).toMatch(/contracts \d+ and \d+, which reserves its name, were cancelled and bill no more/);
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});

describe("a move that fails leaves everything as it was", () => {
  test("when the new node refuses", async () => {
    const before = await apply(www());
    project.grid.nodes.get(2)?.failNext({ workloadType: "gateway-name-proxy", message: "traefik is down" });
    project.write(www(2));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toContain("traefik is down");
    expect(await state()).toEqual(before);
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid).contracts).toHaveLength(2);
    const moved = await apply(www(2));
    expect(moved.name_contract_id).toBe(before.name_contract_id);
  });

  test("and one away from a dead node succeeds", async () => {
    const before = await apply(www());
    await project.grid.control("dev.setNodeOffline", 1);
    project.write(www(2));
    await project.terraform.apply();
    expect(await state()).toMatchObject({ status: "ok", name_contract_id: before.name_contract_id });
    expect(leftovers(project.grid).contracts).toHaveLength(2);
    await project.grid.control("dev.setNodeOffline", 1, false);
  });
});

describe("a contract that was cancelled elsewhere", () => {
  test("is made anew under the name that is still reserved", async () => {
    const before = await apply(www());
    await other.cancel(Number(before.contract_id));
    const { changes, diagnostics } = await project.terraform.plan();
    expect(diagnostics.map(({ summary }) => summary)).toContain(
      "gateway name shop has ended, its name is still reserved",
    );
    expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
    await project.terraform.apply("saved.tfplan");
    const after = await expectOneOfEach();
    expect(after.name_contract_id).toBe(before.name_contract_id);
    expect(after.contract_id).not.toBe(before.contract_id);
  });

  test("does not keep a destroy from freeing the name", async () => {
    const before = await apply(www());
    await other.cancel(Number(before.contract_id));
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test("is reserved again when it was the name's", async () => {
    const before = await apply(www());
    await other.cancel(Number(before.name_contract_id));
    await project.grid.control("dev.awaitNodes");
    const { changes, diagnostics } = await project.terraform.plan();
    expect(diagnostics.map(({ summary }) => summary)).toContain("gateway name shop: its name is no longer reserved");
    expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
    await project.terraform.apply("saved.tfplan");
    const after = await expectOneOfEach();
    expect(after.contract_id).toBe(before.contract_id);
    expect(after.name_contract_id).not.toBe(before.name_contract_id);
  });
});

test("a name that a stranger has got meanwhile is told with the contract that stands without it", async () => {
  const before = await apply(www());
  await other.cancel(Number(before.name_contract_id));
  const [made] = await (await strangers()).submit([{ kind: "createNameContract", name: "shop" }]);
  const said = textOf(await project.terraform.fail("apply"));
  expect(said).toContain("TFG_NAME_TAKEN");
  expect(said).toContain(`Contract ${before.contract_id} stands and bills`);
  expect(said).not.toContain("Nothing was made");
  await (await strangers()).submit([{ kind: "cancelContract", contractId: made?.contractId ?? 0 }]);
});

test("replaced with create_before_destroy, each new name is made and each former one is freed", async () => {
  const lifecycle = { create_before_destroy: true };
  await apply(www(1, { identity: "www", lifecycle }));
  const after = await apply(www(1, { identity: "www", name: "store", lifecycle }));
  expect(after.fqdn).toBe("store.gent01.devgrid.test");
});
