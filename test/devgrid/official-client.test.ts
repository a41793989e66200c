/** The unmodified `@threefold/rmb_direct_client` against a whole devgrid, knowing nothing but its URLs. */
import type { Client } from "@threefold/rmb_direct_client";
import { Secret } from "../../lib/core/secret";
import { GIB } from "../../lib/core/units";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { connectChain } from "../../lib/grid/chain/connect-chain";
import { deploymentHash, parseDeployment } from "../../lib/model/deployment";
import { createKeyPair } from "../../lib/model/key-pair";
import { signDeployment, signedByOwner } from "../../lib/model/signature-requirement";

const NODE = 1;

let grid: Devgrid;
let client: Client;

beforeAll(async () => {
  // It prints every event of the chain, and warns of its own copies of the chain library.
  for (const method of ["log", "debug", "warn"] as const)
    jest.spyOn(console, method).mockImplementation(() => undefined);
  const official = require("@threefold/rmb_direct_client") as typeof import("@threefold/rmb_direct_client");
  grid = await Devgrid.start();
  const { chain, relay, mnemonic } = grid.describe();
  client = new official.Client(chain, relay, mnemonic, "test", "sr25519", 3);
  await client.connect();
});

afterAll(async () => {
  await client?.disconnect();
  // It ends the whole process on these signals, and never takes its listeners back.
  const { disconnectAndExit, __pingPongTimeout } = client as unknown as Leftovers;
  clearTimeout(__pingPongTimeout);
  for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2"]) process.removeListener(signal, disconnectAndExit);
  await grid?.close();
  jest.restoreAllMocks();
});

/** What the client leaves behind after `disconnect`. */
interface Leftovers {
  readonly disconnectAndExit: () => void;
  readonly __pingPongTimeout: NodeJS.Timeout;
}

async function call(command: string, payload: unknown): Promise<unknown> {
  const twinId = grid.describe().nodes.find(({ nodeId }) => nodeId === NODE)?.twinId ?? 0;
  const id = await client.send(command, payload === undefined ? "" : JSON.stringify(payload), twinId, 1);
  return client.read(id);
}

test("finds its twin as it wants it, and sends no extrinsic at connect", () => {
  expect(grid.stats().chain.extrinsics).toBe(0);
});

test("asks a node for its version", async () => {
  expect(await call("zos.system.version", undefined)).toEqual({
    zos: expect.stringMatching(/^3\./),
    zinit: expect.stringMatching(/^v?\d/),
  });
});

test("deploys a disk, reads it back, and is refused what the node refuses", async () => {
  const { chain, mnemonic, twinId } = grid.describe();
  const account = await createKeyPair(new Secret(mnemonic), "sr25519");
  const draft = parseDeployment({
    version: 0,
    twin_id: twinId,
    contract_id: 0,
    metadata: '{"type":"vm","name":"disk","projectName":"vm/disk"}',
    description: "",
    expiration: 0,
    signature_requirement: signedByOwner(twinId),
    workloads: [{ version: 0, name: "data", type: "zmount", data: { size: 10 * GIB }, metadata: "", description: "" }],
  });
  const chainClient = await connectChain({ urls: [chain], account });
  const [created] = await chainClient.submit([
    {
      kind: "createNodeContract",
      nodeId: NODE,
      deploymentHash: deploymentHash(draft),
      deploymentData: draft.metadata,
      publicIps: 0,
    },
  ]);
  await chainClient.close();
  const contractId = created?.contractId ?? 0;
  const signed = signDeployment({ ...draft, contract_id: contractId }, twinId, account);

  await expect(call("zos.deployment.get", { contract_id: contractId })).rejects.toThrow("deployment not found");
  expect(await call("zos.deployment.deploy", signed)).toBeNull();
  await grid.control("dev.awaitNodes");
  expect(await call("zos.deployment.get", { contract_id: contractId })).toMatchObject({
    contract_id: contractId,
    twin_id: twinId,
    version: 0,
    workloads: [{ name: "data", type: "zmount", version: 0, data: { size: 10 * GIB }, result: { state: "ok" } }],
  });
  expect(grid.stats().relay.requests).toMatchObject({ "zos.deployment.deploy": 1, "zos.deployment.get": 2 });
  expect(grid.stats().nodes[NODE]).toMatchObject({ jobs: 1, writes: 1 });
});
