/** Calls that the engine sends and follows, on a real devgrid chain: what an interruption and dropped blocks make of them. */
import { systemClock } from "../../lib/core/clock";
import { silentLog } from "../../lib/core/log";
import { Secret } from "../../lib/core/secret";
import { DevgridChain } from "../../lib/devgrid/chain/devgrid-chain";
import type { EngineContext } from "../../lib/engine/context";
import { submit, submitForGood, whyDropped } from "../../lib/engine/submit";
import { connectChain } from "../../lib/grid/chain/connect-chain";
import type { ChainClient } from "../../lib/grid/clients";
import { createKeyPair } from "../../lib/model/key-pair";
import { RawChain } from "../contract/raw-chain";
import { StepClock } from "../devgrid/node/step-clock";

const NOTE = [{ kind: "setNote", key: "door", value: "open" }] as const;

let chain: DevgridChain;
let url: string;
let client: ChainClient;
let clock: StepClock;
let user: AbortController;
let context: EngineContext;

beforeEach(async () => {
  chain = await DevgridChain.create({ clock: systemClock, blockMs: "instant" });
  url = await chain.listen();
  const account = await createKeyPair(new Secret("//Alice"), "sr25519");
  client = await connectChain({ urls: [url], account, timing: { batchMs: 10, blockMs: 50, eraBlocks: 4 } });
  clock = new StepClock();
  clock.isFrozen = true;
  user = new AbortController();
  const used = { chain: client, clock, signal: user.signal, log: silentLog, warn: () => undefined };
  context = used as Partial<EngineContext> as EngineContext;
});
afterEach(async () => {
  await client.close();
  await chain.close();
});

/** Sends a note that no block takes yet, and is interrupted by the user. */
async function interrupted() {
  chain.pauseBlocks();
  const waiting = submit(context, NOTE);
  const raw = await RawChain.connect(url);
  while ((await raw.rpc<number>("system_accountNextIndex", client.account.address)) === 0);
  await raw.close();
  user.abort(new Error("Ctrl-C"));
  await clock.somebodySleeps();
  return { waiting };
}

describe("an interruption", () => {
  test("before anything was sent sends nothing", async () => {
    user.abort(new Error("Ctrl-C"));
    await expect(submit(context, NOTE)).rejects.toThrow("Ctrl-C");
    expect(await client.getNote("door")).toBeUndefined();
  });

  test("leaves calls that are sent the time of two blocks to get into one", async () => {
    const { waiting } = await interrupted();
    expect(clock.slept[0]).toBeGreaterThan(2 * 6_000);
    chain.resumeBlocks();
    expect(await waiting).toHaveLength(1);
    expect(await client.getNote("door")).toBe("open");
  });

  test("ends the wait when no block comes in that time", async () => {
    const { waiting } = await interrupted();
    clock.thaw();
    await expect(waiting).rejects.toThrow("Ctrl-C");
  });

  test("after calls were followed into a block is no matter of theirs any more", async () => {
    const [result] = await submit(context, NOTE);
    user.abort(new Error("Ctrl-C"));
    expect(clock.slept).toEqual([]);
    await result?.finalized;
  });

  test("ends the wait for finality, and says nothing against it", async () => {
    const waiting = whyDropped(context, "note door", new Promise(() => undefined));
    user.abort(new Error("Ctrl-C"));
    expect(await waiting).toBeUndefined();
  });
});

describe("calls that are to last", () => {
  test("are sent again when their block was dropped and the next refused them", async () => {
    chain.failNext("undo", "undo");
    await submitForGood(context, "note door", NOTE);
    expect(await client.getNote("door")).toBe("open");
  });

  test("are given up when that goes on", async () => {
    chain.failNext("undo", "undo", "undo");
    await expect(submitForGood(context, "note door", NOTE)).rejects.toMatchObject({ code: "TFG_CHAIN_REORG" });
    expect(await client.getNote("door")).toBeUndefined();
  });
});
