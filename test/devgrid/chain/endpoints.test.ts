/** More than one endpoint of the chain, some of them behind, on virtual time: a block every six seconds. */
import { randomBytes } from "node:crypto";
import { Secret } from "../../../lib/core/secret";
import { connectChain } from "../../../lib/grid/chain/connect-chain";
import { JsonRpcSocket } from "../../../lib/grid/chain/json-rpc-socket";
import type { ChainClient } from "../../../lib/grid/clients";
import { createKeyPair } from "../../../lib/model/key-pair";
import { Lab } from "../../support/simulation/lab";

const BLOCK_MS = 6_000;

let lab: Lab;
let first: string;

beforeAll(async () => {
  lab = await Lab.open({ blockMs: BLOCK_MS });
});
beforeEach(async () => {
  lab = await lab.anew();
  first = lab.grid.describe().chain;
  await lab.pass(10 * BLOCK_MS);
});
afterAll(() => lab?.close());

const open = async (blocksBehind: number) => String(await lab.control("dev.openChainEndpoint", blocksBehind));

/** Connects, works and closes again. */
async function withClient<T>(urls: readonly string[], work: (client: ChainClient) => Promise<T>): Promise<T> {
  return lab.run(async () => {
    const account = await createKeyPair(new Secret(lab.seed), "ed25519");
    const client = await connectChain({ urls, account, clock: lab.world.clock });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  });
}

const creation = () => ({
  kind: "createNodeContract" as const,
  nodeId: 1,
  deploymentHash: randomBytes(16).toString("hex"),
  deploymentData: "",
  publicIps: 0,
});

async function rpc<T>(url: string, method: string, ...params: unknown[]): Promise<T> {
  return lab.run(async () => {
    const socket = await JsonRpcSocket.open(url, { connect: 2000, request: 2000 });
    try {
      return await socket.send<T>(method, params);
    } finally {
      socket.close();
    }
  });
}

const numberOf = async (url: string) => Number((await rpc<{ number: string }>(url, "chain_getHeader")).number);

test("another endpoint steps in for one that is down", async () => {
  const second = await open(0);
  await withClient([first, second], async (client) => {
    expect(await client.getNode(1)).toMatchObject({ nodeId: 1 });
    lab.grid.chain.setDown(true);
    expect(await client.getNode(2)).toMatchObject({ nodeId: 2 });
  });
  await expect(withClient([first], (client) => client.getNode(1))).rejects.toMatchObject({
    code: "TFG_CHAIN_UNREACHABLE",
  });
});

test("an endpoint that is behind has an older head and the storage of that time", async () => {
  const late = await open(7);
  const address = await withClient([first], async (client) => {
    await client.submit([creation()]);
    return client.account.address;
  });
  expect(await numberOf(late)).toBe((await numberOf(first)) - 7);
  const head = await rpc(first, "chain_getBlockHash");
  expect(await rpc(late, "chain_getHeader", head)).toBeNull();
  expect(await rpc(late, "chain_getHeader", await rpc(late, "chain_getBlockHash"))).not.toBeNull();
  const nonceAt = (url: string) => rpc(url, "system_accountNextIndex", address);
  expect([await nonceAt(first), await nonceAt(late)]).toEqual([1, 0]);
  // One that is nearly up to date has heard of the extrinsic.
  expect(await nonceAt(await open(4))).toBe(1);
});

test("what is handed in there reaches the others, and is told of once that endpoint has seen the block", async () => {
  const late = await open(1);
  const blocksSince = () => [...lab.grid.chain.stats.extrinsicsPerBlock].reverse().findIndex((count) => count > 0);
  const told = await withClient([late], async (client) => {
    const [made] = await client.submit([creation()]);
    const atAnswer = blocksSince();
    await made?.finalized;
    return { atAnswer, whenFinal: blocksSince() };
  });
  expect(told).toEqual({ atAnswer: 1, whenFinal: 3 });
  expect(lab.grid.chain.listContracts()).toHaveLength(1);
});

test("an endpoint that falls behind stands still, never goes back, and catches up later", async () => {
  const url = await open(0);
  const before = await numberOf(url);
  await lab.control("dev.setChainLag", url, 3);
  const seen: number[] = [];
  for (let block = 0; block < 5; block++) {
    await lab.pass(BLOCK_MS);
    seen.push((await numberOf(url)) - before);
  }
  expect(seen).toEqual([0, 0, 0, 1, 2]);
  await lab.control("dev.setChainLag", url, 0);
  expect(await numberOf(url)).toBe(await numberOf(first));
  await expect(lab.control("dev.setChainLag", "ws://elsewhere", 1)).rejects.toThrow("has no endpoint ws://elsewhere");
});

test("clients believe no endpoint whose newest block is old, and go to the next", async () => {
  const late = await open(4);
  const ask = (client: ChainClient) => client.getNode(1);
  await expect(withClient([late], ask)).rejects.toMatchObject({ code: "TFG_CHAIN_BEHIND" });
  expect(await withClient([late, first], ask)).toMatchObject({ nodeId: 1 });
});
