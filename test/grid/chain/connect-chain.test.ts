import { Secret } from "../../../lib/core/secret";
import { type ChainOptions, connectChain } from "../../../lib/grid/chain/connect-chain";
import type { ChainClient } from "../../../lib/grid/clients";
import { createKeyPair } from "../../../lib/model/key-pair";
import { ScriptedChain } from "./scripted-chain";

const timing = { connectMs: 2_000, requestMs: 300, callMs: 5_000, blockMs: 20 };
const chains: ScriptedChain[] = [];
const clients: ChainClient[] = [];

async function start(options?: Parameters<typeof ScriptedChain.start>[0]): Promise<ScriptedChain> {
  const chain = await ScriptedChain.start(options);
  chains.push(chain);
  return chain;
}

async function connect(urls: string[], options: Partial<ChainOptions> = {}): Promise<ChainClient> {
  const account = await createKeyPair(new Secret("//Alice"), "sr25519");
  const client = await connectChain({ urls, account, timing, ...options });
  clients.push(client);
  return client;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(chains.splice(0).map((chain) => chain.close()));
});

describe("connecting to a chain", () => {
  test.each([144, 152] as const)("works with the metadata of spec %i as the node gives it", async (spec) => {
    const chain = await start({ spec });
    // Within the limits of the product itself, not the short ones that make faults show soon.
    const client = await connect([chain.url], { timing: {} });
    expect(client.genesisHash).toMatch(/^0x[0-9a-f]{64}$/);
    expect((await client.getBalance()).free).toBe(chain.free);
  });

  test("goes on to the next endpoint when one is down", async () => {
    const good = await start();
    const client = await connect(["ws://127.0.0.1:1", good.url]);
    expect(await client.getContract(1)).toBeUndefined();
  });

  test("names every endpoint and its reason when none can be used, but no credentials", async () => {
    const attempt = connect(["ws://user:hunter2@127.0.0.1:1/ws", "not a url"]);
    await expect(attempt).rejects.toMatchObject({ code: "TFG_CHAIN_UNREACHABLE", retryable: true });
    const error = await attempt.catch((thrown: Error) => thrown);
    expect(String(error)).toContain("ws://127.0.0.1:1/ws");
    expect(String(error)).not.toContain("hunter2");
  });

  test("refuses an endpoint that is behind, and takes the next one that is not", async () => {
    const behind = await start();
    behind.lagMs = 13_000;
    await expect(connect([behind.url])).rejects.toMatchObject({ code: "TFG_CHAIN_BEHIND" });
    const good = await start();
    good.free = 77n;
    expect((await (await connect([behind.url, good.url])).getBalance()).free).toBe(77n);
  });

  test("gives an endpoint up that takes the connection and says nothing", async () => {
    const mute = await start();
    mute.isMute = true;
    const good = await start();
    const client = await connect([mute.url, good.url]);
    expect(await client.getNode(1)).toBeUndefined();
  });

  test("ends within its deadline when nobody answers", async () => {
    const mute = await start();
    mute.isMute = true;
    await expect(connect([mute.url, mute.url], { timing: { ...timing, callMs: 200 } })).rejects.toMatchObject({
      code: "TFG_CHAIN_UNREACHABLE",
    });
  });

  test("stops connecting when it is told to", async () => {
    const mute = await start();
    mute.isMute = true;
    await expect(connect([mute.url], { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("a connection that goes wrong later", () => {
  test("asks again over the next endpoint when the answer got lost", async () => {
    const [first, second] = [await start(), await start()];
    second.free = 5n;
    const client = await connect([first.url, second.url]);
    first.on("state_queryStorageAt", () => {
      first.cut();
      return undefined;
    });
    expect((await client.getBalance()).free).toBe(5n);
  });

  test("gives an endpoint up that stops answering", async () => {
    const [first, second] = [await start(), await start()];
    const client = await connect([first.url, second.url]);
    first.isMute = true;
    expect(await client.getTwin(1)).toBeUndefined();
  });

  test.each([
    "<html>",
    "[]",
    "null",
    '{"method":"state_runtimeVersion","params":{"subscription":"runtime","result":[]}}',
  ])("gives an endpoint up that says %s out of turn", async (text) => {
    const [first, second] = [await start(), await start()];
    second.free = 5n;
    const client = await connect([first.url, second.url]);
    first.shout(text);
    expect((await client.getBalance()).free).toBe(5n);
  });

  test("reads the metadata anew after a runtime upgrade", async () => {
    const chain = await start({ spec: 144 });
    const client = await connect([chain.url]);
    const before = chain.times("state_getMetadata");
    chain.upgrade(152);
    await client.getBalance();
    expect(chain.times("state_getMetadata")).toBe(before + 1);
  });

  test("never believes that a contract is gone when the endpoint has fallen behind", async () => {
    const chain = await start();
    const client = await connect([chain.url]);
    chain.lagMs = 60_000;
    await expect(client.getContract(1)).rejects.toMatchObject({ code: "TFG_CHAIN_BEHIND" });
  });

  test("refuses another chain behind the same list of addresses", async () => {
    const [first, other] = [await start(), await start({ genesis: "two" })];
    const client = await connect([first.url, other.url]);
    await first.close();
    await expect(client.getContract(1)).rejects.toMatchObject({
      code: "TFG_CHAIN_UNREACHABLE",
      facts: { [`${other.url}/`]: expect.stringContaining("another chain") },
    });
  });

  test("quotes an answer that cannot be read", async () => {
    const chain = await start();
    const client = await connect([chain.url]);
    chain.on("state_queryStorageAt", () => [{ block: `0x${"00".repeat(32)}`, changes: [] }]);
    await expect(client.getContract(1)).rejects.toMatchObject({
      code: "TFG_CHAIN_ANSWER",
      facts: { reason: expect.stringContaining("leaves out") },
    });
  });

  test("says that it was closed", async () => {
    const chain = await start();
    const client = await connect([chain.url]);
    await client.close();
    await expect(client.getContract(1)).rejects.toMatchObject({ code: "TFG_CHAIN_CLOSED" });
    await expect(client.submit([{ kind: "cancelContract", contractId: 1 }])).rejects.toMatchObject({
      code: "TFG_CHAIN_CLOSED",
    });
  });
});
