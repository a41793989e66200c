/**
 * Destroys by the real Terraform while everything but the chain is down. How long they may take is in
 * test/simulation/dead-nodes.test.ts, on simulated time.
 */
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import {
  type Block,
  gatewayFqdn,
  gatewayName,
  joined,
  machine,
  mesh,
  PROJECT,
  type Resources,
  stack,
  zdb,
} from "../support/grid-stack";

const NODE = 1;
const NODES = [1, 2, 4];
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
  await project.grid.control("dev.setDns", "www.example.org", ["185.206.122.31"]);
});
beforeEach(() => project.grid.chain.setBalance(account(), PLENTY));
afterAll(() => project?.close());

/** A stack as constructs write it: placement fed by the directory, a mesh over three nodes, machines and a zdb. */
function wholeStack(change: Block = {}): { readonly resource: Resources; readonly data: Resources } {
  const requests = { db: { hdd_gib: 5 } };
  const machines = NODES.map((nodeId) => [
    `web${nodeId}`,
    machine(nodeId, { name: `web${nodeId}`, network: joined(`web${nodeId}`), ...change }),
  ]);
  const { resource } = stack(PROJECT, {
    threefold_placement: {
      here: { requests, proposals: "${data.threefold_candidates.here.proposals}" },
    },
    threefold_network: { mesh: mesh(Object.fromEntries(NODES.map((nodeId) => [`web${nodeId}`, nodeId]))) },
    threefold_virtual_machine: Object.fromEntries(machines),
    threefold_gateway_name: { www: gatewayName(NODE) },
    threefold_gateway_fqdn: { www: gatewayFqdn(NODE) },
    threefold_zdb: { db: { ...zdb(NODE), node_id: '${threefold_placement.here.nodes["db"].node_id}' } },
  });
  return { resource, data: { threefold_candidates: { here: { requests } } } };
}

async function takeDown(): Promise<void> {
  for (const node of project.grid.nodes.values()) node.setOnline(false);
  for (const service of ["relay", "directory", "graphql", "kyc", "dns"])
    await project.grid.control("dev.setDown", service);
}

async function bringBack(): Promise<void> {
  for (const service of ["relay", "directory", "graphql", "kyc", "dns"]) {
    await project.grid.control("dev.setDown", service, false);
  }
  for (const node of project.grid.nodes.values()) node.setOnline(true);
  await project.grid.control("dev.awaitNodes");
}

test("a stack is destroyed while relay, directory, DNS and every node are down", async () => {
  project.write(wholeStack());
  await project.terraform.apply();
  await takeDown();
  await project.terraform.destroy();
  expect(leftovers(project.grid).contracts).toEqual([]);
  await bringBack();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});

/** 0.01 TFT: shown as nothing everywhere, and enough for the fees of a few transactions. */
const JUST_THE_FEES = 100_000n;

/** A thousand TFT. */
const PLENTY = 10_000_000_000n;

function account(): string {
  const id = project.grid.chain.getTwin(1)?.accountId;
  return `0x${Buffer.from(id ?? []).toString("hex")}`;
}

test("a stack that was made by half is destroyed while everything is down and next to nothing is on the account", async () => {
  project.grid.nodes.get(NODE)?.failNext({ workloadType: "zmachine", message: "no kernel" });
  project.write(wholeStack());
  const { diagnostics } = await project.terraform.fail("apply");
  expect(JSON.stringify(diagnostics)).toContain("no kernel");
  expect(leftovers(project.grid).contracts.length).toBeGreaterThan(3);
  await takeDown();
  project.grid.chain.setBalance(account(), JUST_THE_FEES);
  await project.terraform.destroy();
  await bringBack();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});

test("an account that cannot even pay the fee is told so, and the destroy goes on once it can", async () => {
  project.write(stack(PROJECT, { threefold_zdb: { db: zdb(NODE) } }));
  await project.terraform.apply();
  project.grid.chain.setBalance(account(), 0n);
  const { diagnostics } = await project.terraform.fail("destroy");
  expect(JSON.stringify(diagnostics)).toContain("TFG_BALANCE");
  expect(await project.terraform.attributes("threefold_zdb.db")).toMatchObject({ status: "ok" });
  project.grid.chain.setBalance(account(), JUST_THE_FEES);
  await project.terraform.destroy();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});
