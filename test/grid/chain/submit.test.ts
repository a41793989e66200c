import { systemClock } from "../../../lib/core/clock";
import { Secret } from "../../../lib/core/secret";
import { connectChain } from "../../../lib/grid/chain/connect-chain";
import type { ChainClient } from "../../../lib/grid/clients";
import type { ContractCall } from "../../../lib/model/call";
import { createKeyPair } from "../../../lib/model/key-pair";
import { NodeRefusal, ScriptedChain } from "./scripted-chain";

/** Blocks of 10 ms: waits that take minutes on a real chain take a quarter of a second. */
const timing = {
  batchMs: 5,
  blockMs: 10,
  eraBlocks: 4,
  // Not what ends a test on a busy machine.
  patienceBlocks: 6_000,
  finalityMs: 2_000,
  requestMs: 300,
  callMs: 2_000,
};

const create = (nodeId: number): ContractCall => ({
  kind: "createNodeContract",
  nodeId,
  deploymentHash: String(nodeId).padStart(32, "0"),
  deploymentData: "{}",
  publicIps: 0,
});

let chain: ScriptedChain;
let client: ChainClient;

beforeEach(async () => {
  chain = await ScriptedChain.start();
  client = await connect();
});

afterEach(async () => {
  await client.close();
  await chain.close();
});

async function connect(
  limits: Partial<typeof timing> = {},
  urls = [chain.url],
  clock = systemClock,
): Promise<ChainClient> {
  const account = await createKeyPair(new Secret("//Alice"), "sr25519");
  return connectChain({ urls, account, timing: { ...timing, ...limits }, clock });
}

/** Goes on with a client that gives up after a third of a second. */
async function beImpatient(): Promise<void> {
  await client.close();
  client = await connect({ patienceBlocks: 30 });
}

/** Events of a forced batch of one call that was refused. */
function refusedBatch(): Uint8Array[] {
  const BAD_ORIGIN = Buffer.of(2);
  return [
    chain.event("Utility", "ItemFailed", BAD_ORIGIN),
    chain.event("Utility", "BatchCompletedWithErrors"),
    chain.event("System", "ExtrinsicSuccess", Buffer.alloc(4)),
  ];
}

/** Puts a submission into a block that makes these contracts. */
function include(hex: string, ...contractIds: number[]): string {
  return chain.addBlock([hex], chain.madeContracts(...contractIds));
}

describe("submitting calls", () => {
  test("answers each submit from its own place in the block, and resolves finality", async () => {
    const submits = Promise.all([client.submit([create(1)]), client.submit([create(2)])]);
    const sent = await chain.submission(1);
    const blockHash = include(sent.hex, 41, 42);
    sent.tell("ready");
    sent.tell({ inBlock: blockHash });
    const [first, second] = await submits;
    expect([first, second]).toMatchObject([[{ contractId: 41, blockHash }], [{ contractId: 42, blockHash }]]);
    sent.tell({ finalized: blockHash });
    await expect(second[0]?.finalized).resolves.toBeUndefined();
    expect(chain.submissions).toHaveLength(1);
  });

  test("has several extrinsics on their way with consecutive nonces", async () => {
    const first = client.submit([create(1)]);
    const one = await chain.submission(1);
    const second = client.submit([create(2)]);
    const two = await chain.submission(2);
    expect([one.nonce, two.nonce]).toEqual([0, 1]);
    const blocks = [include(one.hex, 1), include(two.hex, 2)];
    two.tell({ inBlock: blocks[1] });
    one.tell({ inBlock: blocks[0] });
    expect(await Promise.all([first, second])).toMatchObject([[{ contractId: 1 }], [{ contractId: 2 }]]);
  });

  test("signs anew with the chain's nonce when its own is used up", async () => {
    let refusals = 2;
    const accept = chain.submit;
    chain.on("author_submitAndWatchExtrinsic", (params, socket) => {
      if (refusals-- <= 0) return accept(params, socket);
      chain.addBlock([], [], 1);
      throw new NodeRefusal(1010, "Transaction is outdated");
    });
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    expect(sent.nonce).toBe(2);
    sent.tell({ inBlock: include(sent.hex, 5) });
    expect(await waiting).toMatchObject([{ contractId: 5 }]);
  });

  test("gives up when another program always comes first", async () => {
    chain.on("author_submitAndWatchExtrinsic", () => {
      throw new NodeRefusal(1014, "too low priority");
    });
    await beImpatient();
    await expect(client.submit([create(1)])).rejects.toMatchObject({ code: "TFG_CHAIN_BUSY", retryable: true });
  });

  test("says what is missing when the fee cannot be paid", async () => {
    chain.free = 1_500n;
    chain.on("author_submitAndWatchExtrinsic", () => {
      throw new NodeRefusal(1010, "Inability to pay some fees , e.g. account balance too low");
    });
    await expect(client.submit([create(1)])).rejects.toMatchObject({
      code: "TFG_BALANCE",
      facts: { usable: "0.0001 TFT", account: client.account.address },
    });
  });

  test("sends in parts what a block has no room for, and blames the one call that no part can carry", async () => {
    const accept = chain.submit;
    const isBad = (hex: unknown) => String(hex).includes("3333333333333333");
    chain.on("author_submitAndWatchExtrinsic", ([hex], socket) => {
      if (isBad(hex)) throw new NodeRefusal(1011, "wasm unreachable");
      const result = accept([hex], socket);
      const sent = chain.submissions.at(-1);
      const calls = chain.callsOf(String(hex));
      setImmediate(() => sent?.tell({ inBlock: include(String(hex), ...calls) }));
      return result;
    });
    const bad = { ...create(3), deploymentHash: "3".repeat(32) } as ContractCall;
    const results = await Promise.allSettled(
      [create(1), bad, create(2), create(4)].map((call) => client.submit([call])),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: { code: "TFG_CHAIN_REFUSED" } });
  });

  test("sends in parts what would fill more than half of a block", async () => {
    const weight = { refTime: 1_000_000_000_000n, proofSize: 0 };
    const info = chain.runtime.registry.createType("RuntimeDispatchInfo", { weight, class: "Normal", partialFee: 1 });
    chain.on("state_call", ([name]) => {
      if (name === "TransactionPaymentApi_query_info") return info.toHex();
      throw new NodeRefusal(-32601, "Method not found");
    });
    const ids = Array.from({ length: 60 }, (_, index) => index + 1);
    const waiting = Promise.all(ids.map((id) => client.submit([create(id)])));
    for (const part of [1, 2]) {
      const sent = await chain.submission(part);
      sent.tell({ inBlock: include(sent.hex, ...chain.callsOf(sent.hex)) });
    }
    expect((await waiting).map(([result]) => result?.contractId)).toEqual(ids);
    expect(chain.submissions.map(({ hex }) => chain.callsOf(hex).length)).toEqual([30, 30]);
  });

  test("stops waiting when told to, while the queue goes on counting", async () => {
    const stop = new AbortController();
    const waiting = client.submit([create(1)], stop.signal);
    await chain.submission(1);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    void client.submit([create(2)]).catch(() => undefined);
    expect((await chain.submission(2)).nonce).toBe(1);
  });

  test("sends two full batches of one moment one after the other, each with a nonce of its own", async () => {
    for (const node of [1, 2]) {
      void client.submit(Array.from({ length: 400 }, () => create(node))).catch(() => undefined);
    }
    await chain.submission(2);
    expect(chain.submissions.map(({ nonce }) => nonce)).toEqual([0, 1]);
  });

  test("makes other bytes of calls that are banned", async () => {
    let bans = 1;
    chain.on("author_submitAndWatchExtrinsic", (_, __, usual) => {
      if (bans-- <= 0) return usual();
      throw new NodeRefusal(1012, "Transaction is temporarily banned");
    });
    void client.submit([create(1)]).catch(() => undefined);
    expect(await chain.submission(1)).toMatchObject({ nonce: 0, tip: 1n });
  });

  test("drops calls whose caller left while others before them were being sent", async () => {
    const stop = new AbortController();
    chain.on("author_submitAndWatchExtrinsic", (_, __, usual) => {
      stop.abort(new Error("enough"));
      return usual();
    });
    const full = Array.from({ length: 400 }, () => create(1));
    void client.submit(full).catch(() => undefined);
    await expect(client.submit([create(2)], stop.signal)).rejects.toThrow("enough");
    void client.submit([create(3)]).catch(() => undefined);
    expect(chain.callsOf((await chain.submission(2)).hex)).toEqual([3]);
  });

  test("sends nothing by the word of an endpoint that is behind", async () => {
    chain.lagMs = 60_000;
    await expect(client.submit([create(1)])).rejects.toMatchObject({ code: "TFG_CHAIN_BEHIND" });
    expect(chain.submissions).toEqual([]);
  });
});

describe("when news of an extrinsic is lost", () => {
  test("finds it in the block that took it, and sends nothing again", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.addBlock();
    const blockHash = include(sent.hex, 9);
    chain.addBlock();
    chain.cut();
    const [result] = await waiting;
    expect(result).toMatchObject({ contractId: 9, blockHash });
    chain.final = 2;
    await expect(result?.finalized).resolves.toBeUndefined();
    expect(chain.submissions).toHaveLength(1);
  });

  test("asks the chain when the connection broke while it was being sent", async () => {
    const accept = chain.submit;
    chain.on("author_submitAndWatchExtrinsic", (params, socket) => {
      accept(params, socket);
      include(String(params[0]), 6);
      chain.cut();
      return undefined;
    });
    expect(await client.submit([create(1)])).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(1);
  });

  test.each([["dropped"], ["invalid"], [{ finalityTimeout: `0x${"00".repeat(32)}` }]])(
    "signs the same calls for the same nonce after %j when no block has them",
    async (status) => {
      const waiting = client.submit([create(1)]);
      const sent = await chain.submission(1);
      sent.tell(status);
      const again = await chain.submission(2);
      expect(again.hex).not.toBe(sent.hex);
      expect(again).toMatchObject({ nonce: sent.nonce, tip: 1n });
      expect(chain.callsOf(again.hex)).toEqual(chain.callsOf(sent.hex));
      again.tell({ inBlock: include(again.hex, 3) });
      expect(await waiting).toMatchObject([{ contractId: 3 }]);
    },
  );

  test("finds it in the block that took the one it had been replaced by another for", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    sent.tell("dropped");
    await chain.submission(2);
    sent.tell({ inBlock: include(sent.hex, 3) });
    expect(await waiting).toMatchObject([{ contractId: 3 }]);
  });

  test("pays a little more for the place when blocks pass over it, and leaves those behind it where they are", async () => {
    const first = client.submit([create(1)]);
    const sent = await chain.submission(1);
    const later = client.submit([create(2)]);
    const behind = await chain.submission(2);
    for (let block = 0; block < 3; block++) chain.addBlock([], [], 0);
    const again = await chain.submission(3);
    expect(again).toMatchObject({ nonce: sent.nonce, tip: 1n });
    again.tell({ inBlock: include(again.hex, 1) });
    behind.tell({ inBlock: include(behind.hex, 2) });
    expect(await Promise.all([first, later])).toMatchObject([[{ contractId: 1 }], [{ contractId: 2 }]]);
    expect(chain.submissions).toHaveLength(3);
  });

  test("goes on to the next endpoint when one keeps what it is given to itself", async () => {
    const other = await ScriptedChain.start();
    await client.close();
    client = await connect({}, [chain.url, other.url]);
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    const blocks = setInterval(() => chain.addBlock([], [], 0), 20);
    const passedOn = await other.submission(1).finally(() => clearInterval(blocks));
    expect(passedOn).toMatchObject({ nonce: sent.nonce, tip: 10n });
    expect(other.callsOf(passedOn.hex)).toEqual(chain.callsOf(sent.hex));
    passedOn.tell({ inBlock: other.addBlock([passedOn.hex], other.madeContracts(5)) });
    expect(await waiting).toMatchObject([{ contractId: 5 }]);
    await client.close();
    await other.close();
  });

  test("uses up a nonce that another program was promised and never used", async () => {
    chain.on("system_accountNextIndex", () => (chain.submissions.length === 0 ? 1 : 0));
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    expect(sent.nonce).toBe(1);
    sent.tell("future");
    const filler = new Promise<string>((resolve) => {
      chain.on("author_submitExtrinsic", ([hex]) => {
        resolve(String(hex));
        return "0x00";
      });
    });
    const blocks = setInterval(() => chain.addBlock([], [], 0), 20);
    const hex = await filler.finally(() => clearInterval(blocks));
    expect(chain.callsOf(hex)).toEqual([]);
    chain.addBlock([hex]);
    sent.tell({ inBlock: include(sent.hex, 3) });
    expect(await waiting).toMatchObject([{ contractId: 3 }]);
  });

  test("says at once that the balance is gone when the fee can no longer be paid", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.on("author_submitAndWatchExtrinsic", () => {
      throw new NodeRefusal(1010, "Inability to pay some fees , e.g. account balance too low");
    });
    sent.tell("invalid");
    await expect(waiting).rejects.toMatchObject({
      code: "TFG_BALANCE",
      facts: { "valid until block": 4 },
      standing: expect.stringContaining("nothing was changed and nothing was paid"),
    });
  });

  test("signs anew only once another transaction has used its nonce up for good", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.addBlock([], [], 1);
    sent.tell({ usurped: `0x${"00".repeat(32)}` });
    await chain.askedMore("chain_getFinalizedHead", 3);
    expect(chain.submissions).toHaveLength(1);
    for (let block = 0; block < 10; block++) chain.addBlock();
    await chain.askedMore("chain_getFinalizedHead", 3);
    expect(chain.submissions).toHaveLength(1);
    chain.final = 1;
    const again = await chain.submission(2);
    expect(again.nonce).toBe(1);
    again.tell({ inBlock: include(again.hex, 4) });
    expect(await waiting).toMatchObject([{ contractId: 4 }]);
  });

  test("leaves the transaction that took its place in the pool ten blocks, and is as hasty as ever after that", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.on("system_accountNextIndex", () => 1);
    sent.tell({ usurped: `0x${"00".repeat(32)}` });
    for (let block = 0; block < 9; block++) chain.addBlock([], [], 0);
    await chain.askedMore("chain_getFinalizedHead", 3);
    expect(chain.submissions).toHaveLength(1);
    chain.addBlock([], [], 0);
    await chain.submission(2);
    for (let block = 0; block < 3; block++) chain.addBlock([], [], 0);
    const last = await chain.submission(3);
    last.tell({ inBlock: include(last.hex, 4) });
    expect(await waiting).toMatchObject([{ contractId: 4 }]);
  });

  test("says that it is dead once patience and the last era are over in a final block", async () => {
    await beImpatient();
    const waiting = client.submit([create(1)]).catch((error) => error);
    const blocks = setInterval(() => {
      chain.addBlock([], [], 0);
      chain.final++;
    }, 10);
    expect(await waiting.finally(() => clearInterval(blocks))).toMatchObject({
      code: "TFG_CHAIN_TIMEOUT",
      standing: expect.stringContaining("can no longer be included"),
    });
    expect(chain.submissions.length).toBeGreaterThan(1);
    expect(new Set(chain.submissions.map(({ hex }) => hex)).size).toBe(chain.submissions.length);
    expect(chain.submissions.every(({ nonce }) => nonce === 0)).toBe(true);
  });

  test("finds it in the block that took it although the connection broke while another was sent in its place", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.on("author_submitAndWatchExtrinsic", (params, _, usual) => {
      usual();
      include(String(params[0]), 6);
      chain.final = 1;
      chain.cut();
      return undefined;
    });
    sent.tell("dropped");
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(2);
  });

  test("sends nothing again that the endpoint says it has already", async () => {
    chain.on("system_accountNextIndex", () => chain.submissions.length);
    chain.on("author_submitAndWatchExtrinsic", (_, __, usual) => {
      usual();
      throw new NodeRefusal(1013, "Transaction is already imported");
    });
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    await chain.askedMore("system_accountNextIndex", 1);
    include(sent.hex, 6);
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(1);
  });

  test("finds it in the last block that could hold it", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    for (let block = 0; block < 2; block++) chain.addBlock([], [], 0);
    include(sent.hex, 6);
    chain.addBlock();
    chain.final = 4;
    sent.tell("dropped");
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(1);
  });

  test("finds it in a block that came while another was signed to take its place", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.on("system_accountNextIndex", () => {
      if (chain.final === 0) {
        include(sent.hex, 6);
        chain.addBlock();
        chain.final = 2;
      }
      return 0;
    });
    chain.on("author_submitAndWatchExtrinsic", () => {
      throw new NodeRefusal(1010, "Transaction is outdated");
    });
    sent.tell("dropped");
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
  });

  test("finds it in a block that took the place of one in which another transaction had used its nonce up", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.addBlock([], [], 1);
    sent.tell({ usurped: `0x${"00".repeat(32)}` });
    await chain.askedMore("chain_getBlock", 1);
    await chain.askedMore("chain_getFinalizedHead", 1);
    chain.dropBlock();
    include(sent.hex, 6);
    chain.final = 1;
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(1);
  });

  test("does not take an endpoint's word for it that has not heard of the block yet", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    include(sent.hex, 6);
    chain.final = 1;
    let unknown = 2;
    chain.on("chain_getBlockHash", ([number], _, usual) => (number !== undefined && unknown-- > 0 ? null : usual()));
    sent.tell("dropped");
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(1);
  });

  test("counts it as dead only when the last of its signings is", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    for (let block = 0; block < 2; block++) chain.addBlock([], [], 0);
    chain.final = 2;
    sent.tell("dropped");
    const again = await chain.submission(2);
    for (let block = 0; block < 2; block++) chain.addBlock([], [], 0);
    chain.final = 4;
    await chain.askedMore("chain_getFinalizedHead", 2);
    again.tell({ inBlock: include(again.hex, 6) });
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(2);
  });

  test("keeps the nonce of one that the connection broke over", async () => {
    let isCut = false;
    chain.on("author_submitAndWatchExtrinsic", (_, __, usual) => {
      if (isCut) return usual();
      isCut = true;
      return chain.cut();
    });
    void client.submit([create(1)]).catch(() => undefined);
    await chain.askedMore("author_submitAndWatchExtrinsic", 1);
    void client.submit([create(2)]).catch(() => undefined);
    await chain.submission(2);
    expect(chain.submissions.map(({ nonce }) => nonce).toSorted()).toEqual([0, 1]);
  });

  test("goes on when the one in the pool leaves no money for another in its place", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.on("author_submitAndWatchExtrinsic", () => {
      throw new NodeRefusal(1010, "Inability to pay some fees , e.g. account balance too low");
    });
    chain.on("system_accountNextIndex", () => 1);
    for (let block = 0; block < 3; block++) chain.addBlock([], [], 0);
    await chain.askedMore("author_submitAndWatchExtrinsic", 1);
    await chain.askedMore("system_accountNextIndex", 1);
    sent.tell({ inBlock: include(sent.hex, 6) });
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
  });

  test("gives another program a block's time to use the nonce it was promised", async () => {
    chain.on("system_accountNextIndex", () => (chain.submissions.length === 0 ? 1 : 0));
    const fillers: string[] = [];
    chain.on("author_submitExtrinsic", ([hex]) => {
      fillers.push(String(hex));
      return "0x00";
    });
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    sent.tell("future");
    await chain.askedMore("system_accountNextIndex", 3);
    expect(fillers).toEqual([]);
    chain.addBlock([], [], 0);
    await chain.askedMore("author_submitExtrinsic", 1);
    const [filler = ""] = fillers;
    expect(chain.nonceOf(filler)).toBe(0);
    chain.addBlock([filler]);
    sent.tell({ inBlock: include(sent.hex, 3) });
    expect(await waiting).toMatchObject([{ contractId: 3 }]);
  });

  test("says that the balance is gone when nothing is left to use up a nonce with", async () => {
    chain.on("system_accountNextIndex", () => (chain.submissions.length === 0 ? 1 : 0));
    chain.on("author_submitExtrinsic", () => {
      throw new NodeRefusal(1010, "Inability to pay some fees , e.g. account balance too low");
    });
    const waiting = client.submit([create(1)]).catch((error) => error);
    (await chain.submission(1)).tell("future");
    const blocks = setInterval(() => chain.addBlock([], [], 0), 20);
    expect(await waiting.finally(() => clearInterval(blocks))).toMatchObject({ code: "TFG_BALANCE" });
  });

  test("sends one that the pool lost again although those before it still wait", async () => {
    void client.submit([create(1)]).catch(() => undefined);
    await chain.submission(1);
    void client.submit([create(2)]).catch(() => undefined);
    const lost = await chain.submission(2);
    chain.on("system_accountNextIndex", () => 1);
    lost.tell("dropped");
    expect(await chain.submission(3)).toMatchObject({ nonce: 1, tip: 1n });
  });

  test("leaves it alone while the pool has it", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.on("system_accountNextIndex", () => 1);
    chain.cut();
    await chain.askedMore("system_accountNextIndex", 3);
    include(sent.hex, 6);
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(1);
  });

  test("sends nothing again once patience is over, and waits for its death", async () => {
    await client.close();
    client = await connect({ patienceBlocks: 0, eraBlocks: 1_024 });
    const waiting = client.submit([create(1)]);
    (await chain.submission(1)).tell("dropped");
    await chain.askedMore("chain_getFinalizedHead", 2);
    for (let block = 0; block < 1_024; block++) chain.addBlock([], [], 0);
    chain.final = 1_024;
    await expect(waiting).rejects.toMatchObject({ code: "TFG_CHAIN_TIMEOUT" });
    expect(chain.submissions).toHaveLength(1);
  });

  test("finds it although the endpoint was behind for long", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    chain.lagMs = 60_000;
    chain.cut();
    await chain.askedMore("state_subscribeRuntimeVersion", 60);
    include(sent.hex, 6);
    chain.lagMs = 0;
    expect(await waiting).toMatchObject([{ contractId: 6 }]);
    expect(chain.submissions).toHaveLength(1);
  });

  test("says that it does not know when the chain stands still", async () => {
    await beImpatient();
    const waiting = client.submit([create(1)]);
    (await chain.submission(1)).tell("dropped");
    await expect(waiting).rejects.toMatchObject({
      code: "TFG_CHAIN_UNCLEAR",
      standing: expect.stringContaining("may have taken effect"),
    });
  });

  test("does not guess when the block's events do not fit", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    sent.tell({ inBlock: chain.addBlock([sent.hex], [chain.event("Utility", "BatchCompleted")]) });
    await expect(waiting).rejects.toMatchObject({ code: "TFG_CHAIN_UNCLEAR" });
  });
});

describe("when a block is dropped", () => {
  test.each([
    ["resolves finality when the next one made the same contract", 7, undefined],
    ["rejects finality with both ids when it made another", 8, { "contracts then": "7", "contracts now": "8" }],
  ] as const)("%s", async (_, contractId, facts) => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    const first = include(sent.hex, 7);
    sent.tell({ inBlock: first });
    const [result] = await waiting;
    chain.dropBlock();
    chain.addBlock();
    const second = include(sent.hex, contractId);
    sent.tell({ retracted: first });
    sent.tell({ inBlock: second });
    sent.tell({ finalized: second });
    const outcome = await result?.finalized.then(
      () => undefined,
      (error: { code: string; facts: object }) => ({ code: error.code, facts: error.facts }),
    );
    expect(outcome).toEqual(facts && { code: "TFG_CHAIN_REORG", facts });
  });

  test("rejects finality with both ids when another block made another contract and no news told", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    sent.tell({ inBlock: include(sent.hex, 7) });
    const [result] = await waiting;
    chain.dropBlock();
    chain.addBlock();
    include(sent.hex, 8);
    chain.final = 2;
    chain.cut();
    await expect(result?.finalized).rejects.toMatchObject({
      code: "TFG_CHAIN_REORG",
      facts: { "contracts then": "7", "contracts now": "8" },
    });
  });

  test("sends it again when no other took it and no news told", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    sent.tell({ inBlock: include(sent.hex, 7) });
    const [result] = await waiting;
    chain.dropBlock();
    chain.addBlock([], [], 0);
    chain.cut();
    const again = await chain.submission(2);
    expect(again.nonce).toBe(sent.nonce);
    const second = include(again.hex, 7);
    again.tell({ finalized: second });
    await expect(result?.finalized).resolves.toBeUndefined();
  });

  test("leaves it to the pool that has it again, however old it is", async () => {
    await client.close();
    client = await connect({ eraBlocks: 16 });
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    for (let block = 0; block < 3; block++) chain.addBlock([], [], 0);
    const first = include(sent.hex, 7);
    sent.tell({ inBlock: first });
    const [result] = await waiting;
    chain.dropBlock();
    chain.addBlock([], [], 0);
    chain.on("system_accountNextIndex", () => 1);
    sent.tell({ retracted: first });
    chain.cut();
    await chain.askedMore("system_accountNextIndex", 2);
    include(sent.hex, 7);
    chain.final = 5;
    await expect(result?.finalized).resolves.toBeUndefined();
    expect(chain.submissions).toHaveLength(1);
  });

  test("gives it the time of a new one", async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    await client.close();
    client = await connect({ patienceBlocks: 500, finalityMs: 60_000 }, [chain.url], clock);
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    const block = include(sent.hex, 7);
    sent.tell({ inBlock: block });
    await waiting;
    aheadMs = 6_000;
    chain.dropBlock();
    chain.addBlock([], [], 0);
    sent.tell({ retracted: block });
    sent.tell("dropped");
    expect((await chain.submission(2)).nonce).toBe(sent.nonce);
  });

  test("believes a refusal once its block is final, and not what the next one accepted instead", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    const first = chain.addBlock([sent.hex], refusedBatch());
    sent.tell({ inBlock: first });
    await chain.askedMore("state_getStorage", 1);
    chain.dropBlock();
    chain.addBlock();
    const second = include(sent.hex, 7);
    sent.tell({ retracted: first });
    sent.tell({ inBlock: second });
    expect(await waiting).toMatchObject([{ contractId: 7, blockHash: second }]);
  });

  test("tells a refusal whose block is final", async () => {
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    const block = chain.addBlock([sent.hex], refusedBatch());
    sent.tell({ inBlock: block });
    sent.tell({ finalized: block });
    await expect(waiting).rejects.toMatchObject({ code: "TFG_CHAIN_REFUSED", facts: { error: "BadOrigin" } });
  });

  test("says of a refusal that a dropped block could undo it when its block does not become final", async () => {
    await client.close();
    client = await connect({ finalityMs: 100 });
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    sent.tell({ inBlock: chain.addBlock([sent.hex], refusedBatch()) });
    await expect(waiting).rejects.toMatchObject({
      code: "TFG_CHAIN_REFUSED",
      standing: expect.stringContaining("a dropped block could still undo that"),
    });
  });

  test("does not know when the block that refused it is dropped and the chain says no more", async () => {
    await beImpatient();
    const waiting = client.submit([create(1)]);
    const sent = await chain.submission(1);
    const block = chain.addBlock([sent.hex], refusedBatch());
    sent.tell({ inBlock: block });
    await chain.askedMore("state_getStorage", 1);
    chain.dropBlock();
    sent.tell({ retracted: block });
    await expect(waiting).rejects.toMatchObject({ code: "TFG_CHAIN_UNCLEAR" });
  });

  test("never makes finality end a process that does not ask for it", async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    try {
      const waiting = client.submit([create(1)]);
      const sent = await chain.submission(1);
      sent.tell({ inBlock: include(sent.hex, 7) });
      await waiting;
      await client.close();
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off("unhandledRejection", listen);
    }
    expect(unhandled).toEqual([]);
  });
});
