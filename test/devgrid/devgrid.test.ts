import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../lib/core/secret";
import { GIB } from "../../lib/core/units";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { createDefaultPark } from "../../lib/devgrid/node/default-park";
import type { GridClients } from "../../lib/grid/clients";
import { connect } from "../../lib/grid/connect";
import { deploymentHash, parseDeployment } from "../../lib/model/deployment";
import { createKeyPair } from "../../lib/model/key-pair";
import { signDeployment, signedByOwner } from "../../lib/model/signature-requirement";

const NODE = 3;
const DATA = '{"type":"vm","name":"disk","projectName":"vm/disk"}';

let folder: string;
let stateFile: string;
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "devgrid-"));
  stateFile = join(folder, "state.json");
});

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(...options: Parameters<typeof Devgrid.start>): Promise<Devgrid> {
  const grid = await Devgrid.start(...options);
  opened.push(grid);
  return grid;
}

async function clientsOf(grid: Devgrid): Promise<GridClients> {
  const { chain, relay, directory, mnemonic } = grid.describe();
  const account = await createKeyPair(new Secret(mnemonic), "sr25519");
  const clients = connect({ endpoints: { chain: [chain], relay: [relay], directory: [directory] }, account });
  opened.push(clients);
  return clients;
}

const nodeTwin = (grid: Devgrid) => grid.describe().nodes.find(({ nodeId }) => nodeId === NODE)?.twinId ?? 0;

/** A 10 GiB disk on node 3, through chain and message bus; gives the contract. */
async function deployDisk(grid: Devgrid, clients: GridClients): Promise<number> {
  const chain = await clients.chain();
  const { twinId } = await chain.requireTwin();
  const draft = parseDeployment({
    version: 0,
    twin_id: twinId,
    contract_id: 0,
    metadata: DATA,
    description: "",
    expiration: 0,
    signature_requirement: signedByOwner(twinId),
    workloads: [{ version: 0, name: "data", type: "zmount", data: { size: 10 * GIB }, metadata: "", description: "" }],
  });
  const [created] = await chain.submit([
    {
      kind: "createNodeContract",
      nodeId: NODE,
      deploymentHash: deploymentHash(draft),
      deploymentData: DATA,
      publicIps: 0,
    },
  ]);
  const contractId = created?.contractId ?? 0;
  const signed = signDeployment({ ...draft, contract_id: contractId }, twinId, chain.account);
  await (await clients.nodes()).call(nodeTwin(grid), "zos.deployment.deploy", signed);
  await grid.control("dev.awaitNodes");
  return contractId;
}

const readBack = async (grid: Devgrid, clients: GridClients, contractId: number) =>
  (await clients.nodes()).call(nodeTwin(grid), "zos.deployment.get", { contract_id: contractId });

describe("a devgrid", () => {
  test("carries a deployment through every service", async () => {
    const grid = await start();
    const clients = await clientsOf(grid);
    const [before] = await clients.directory.listNodes({ node_id: NODE });
    const contractId = await deployDisk(grid, clients);
    expect(await readBack(grid, clients, contractId)).toMatchObject({ workloads: [{ result: { state: "ok" } }] });

    await grid.control("dev.produceBlock");
    const [after] = await clients.directory.listNodes({ node_id: NODE });
    expect((after?.used.sru ?? 0) - (before?.used.sru ?? 0)).toBe(10 * GIB);
    expect(await clients.directory.listContracts(1)).toEqual([
      { contractId, kind: "node", nodeId: NODE, deploymentData: DATA },
    ]);
    const answer = await fetch(grid.describe().graphql, {
      method: "POST",
      body: JSON.stringify({ query: "{ nodeContracts(where: {twinID_eq: 1}) { contractID state nodeID } }" }),
    });
    expect(await answer.json()).toEqual({
      data: { nodeContracts: [{ contractID: String(contractId), state: "Created", nodeID: NODE }] },
    });
    const kyc = await fetch(`${grid.describe().kyc}/api/v1/status?twin_id=1`);
    expect(await kyc.json()).toEqual({ result: { status: "VERIFIED" } });
  });

  test("counts on the serving side, and stands still when nobody asks", async () => {
    const grid = await start();
    const idle = grid.activity();
    expect(grid.activity()).toBe(idle);
    const clients = await clientsOf(grid);
    await deployDisk(grid, clients);
    expect(grid.activity()).toBeGreaterThan(idle);
    const { chain, relay, nodes } = grid.stats();
    expect(chain.extrinsics).toBe(1);
    expect(chain.calls["SmartContractModule.create_node_contract"]).toBe(1);
    expect(relay.requests).toEqual({ "zos.deployment.deploy": 1 });
    expect(nodes[NODE]).toMatchObject({ jobs: 1, writes: 1 });
  });

  test("starts again from its file as the same grid: genesis, nodes, contracts, deployments and history", async () => {
    const first = await start({ stateFile });
    const clients = await clientsOf(first);
    const contractId = await deployDisk(first, clients);
    const ended = await deployDisk(first, clients).catch((error: Error) => error.message);
    expect(ended).toContain("ContractIsNotUnique");
    await first.control("dev.setKyc", 2, "UNVERIFIED");
    const { genesisHash } = await clients.chain();
    const before = await readBack(first, clients, contractId);
    const park = first.describe().nodes;
    for (const thing of opened.splice(0).reverse()) await thing.close();

    const second = await start({ stateFile });
    const again = await clientsOf(second);
    expect((await again.chain()).genesisHash).toBe(genesisHash);
    expect(second.describe().nodes).toEqual(park);
    expect(await (await again.chain()).getContract(contractId)).toMatchObject({ contractId, nodeId: NODE });
    expect(await readBack(second, again, contractId)).toEqual(before);
    const kyc = await fetch(`${second.describe().kyc}/api/v1/status?twin_id=2`);
    expect(await kyc.json()).toEqual({ result: { status: "UNVERIFIED" } });

    await (await again.chain()).submit([{ kind: "cancelContract", contractId }]);
    await second.control("dev.awaitNodes");
    await expect(readBack(second, again, contractId)).rejects.toMatchObject({ code: "TFG_NODE_REFUSED" });
    for (const thing of opened.splice(0).reverse()) await thing.close();

    const third = await start({ stateFile });
    const rows = await fetch(`${third.describe().directory}/contracts?contract_id=${contractId}`);
    expect(await rows.json()).toMatchObject([{ contract_id: contractId, state: "Deleted" }]);
  });

  test("refuses a file that is broken, of another kind or of other nodes, and one that is in use", async () => {
    const refusal = (file: string) =>
      Devgrid.start({ stateFile: file }).then(
        async (grid) => {
          await grid.close();
          return "started";
        },
        (error: { code: string; facts: { reason: string } }) => `${error.code} ${error.facts.reason}`,
      );
    const grid = await start({ stateFile });
    expect(await refusal(stateFile)).toContain("TFG_DEVGRID_BUSY");
    await grid.close();
    const whole = readFileSync(stateFile, "utf8");
    const state = JSON.parse(whole) as Record<string, unknown> & { chain: Record<string, unknown> };
    const write = (text: string) => writeFileSync(stateFile, text);
    write(whole.slice(0, -100));
    expect(await refusal(stateFile)).toBe("TFG_DEVGRID_STATE it is no JSON");
    write("[]");
    expect(await refusal(stateFile)).toBe("TFG_DEVGRID_STATE it holds no object");
    write(JSON.stringify({ ...state, version: 9 }));
    expect(await refusal(stateFile)).toBe("TFG_DEVGRID_STATE its version is 9, this package reads 1");
    write(JSON.stringify({ ...state, kyc: [] }));
    expect(await refusal(stateFile)).toBe("TFG_DEVGRID_STATE one of its parts is of the wrong kind");
    write(JSON.stringify({ ...state, parkSeed: "other" }));
    expect(await refusal(stateFile)).toBe("TFG_DEVGRID_STATE node 1 has other keys than the one to run");
    write(JSON.stringify({ ...state, nodes: {} }));
    expect(await refusal(stateFile)).toBe("TFG_DEVGRID_STATE node 1 is missing");
    write(JSON.stringify({ ...state, chain: { ...state.chain, storage: { "X.y": [] } } }));
    expect(await refusal(stateFile)).toContain("TFG_DEVGRID_STATE");
    write(whole);
    expect(await refusal(stateFile)).toBe("started");
  });

  test("runs a park of the test's own", async () => {
    const { farms, nodes } = await createDefaultPark("mine");
    const grid = await start({ nodes: { farms: farms.slice(0, 1), nodes: nodes.slice(0, 2) } });
    expect(grid.describe().nodes.map(({ nodeId, farmId }) => [nodeId, farmId])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
});

describe("connecting to a grid", () => {
  test("a failed connection is forgotten, so that the next question tries again", async () => {
    const grid = await start();
    await grid.control("dev.setDown", "chain");
    const { chain, relay, directory, mnemonic } = grid.describe();
    const account = await createKeyPair(new Secret(mnemonic), "sr25519");
    const clients = connect({ endpoints: { chain: [chain], relay: [relay], directory: [directory] }, account });
    opened.push(clients);
    await expect(Promise.all([clients.chain(), clients.nodes()])).rejects.toMatchObject({
      code: "TFG_CHAIN_UNREACHABLE",
    });
    await grid.control("dev.setDown", "chain", false);
    expect(await (await clients.nodes()).call(nodeTwin(grid), "zos.system.version")).toHaveProperty("zos");
    expect(await clients.chain()).toBe(await clients.chain());
  });
});
