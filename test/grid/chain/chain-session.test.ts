import { systemClock } from "../../../lib/core/clock";
import { silentLog } from "../../../lib/core/log";
import { Secret } from "../../../lib/core/secret";
import { ChainSession } from "../../../lib/grid/chain/chain-session";
import { encodeGroups } from "../../../lib/grid/chain/queue/encode-calls";
import { readBlock } from "../../../lib/grid/chain/queue/read-inclusion";
import { signExtrinsic } from "../../../lib/grid/chain/queue/sign-extrinsic";
import { createKeyPair } from "../../../lib/model/key-pair";
import { metadataHexOf } from "../../support/tfchain-runtime";
import { runtimeVersion, ScriptedChain } from "./scripted-chain";

const chains: ScriptedChain[] = [];
const sessions: ChainSession[] = [];

async function start(options?: Parameters<typeof ScriptedChain.start>[0]): Promise<ScriptedChain> {
  const chain = await ScriptedChain.start(options);
  chains.push(chain);
  return chain;
}

async function open({ url }: ScriptedChain): Promise<ChainSession> {
  const ms = { connect: 2_000, request: 1_000 };
  const session = await ChainSession.open({ url, clock: systemClock, log: silentLog, ms });
  sessions.push(session);
  return session;
}

const specOf = ({ codecs }: ChainSession) => codecs.version.specVersion.toNumber();

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  await Promise.all(chains.splice(0).map((chain) => chain.close()));
});

describe("the runtime of an endpoint", () => {
  test("is downloaded by the first connection only", async () => {
    const chain = await start();
    const first = await open(chain);
    await first.close();
    const second = await open(chain);
    expect(second.codecs).toBe(first.codecs);
    expect(chain.times("state_getMetadata")).toBe(1);
    expect(await second.read([["tfgridModule", "nodes", 1]])).toEqual([null]);
  });

  test("is decoded once for connections opened at the same time", async () => {
    const chain = await start();
    const [first, second] = await Promise.all([open(chain), open(chain)]);
    expect(second.codecs).toBe(first.codecs);
  });

  test("is downloaded from every endpoint, and decoded once when they give the same", async () => {
    const [one, other] = [await start(), await start()];
    const [first, second] = [await open(one), await open(other)];
    expect(other.times("state_getMetadata")).toBe(1);
    expect(second.codecs).toBe(first.codecs);
  });

  test("is what that endpoint gives, whatever another one gave for the same version of the same chain", async () => {
    const [liar, honest] = [await start(), await start()];
    liar.on("state_getMetadata", () => metadataHexOf(144));
    const [misled, session] = [await open(liar), await open(honest)];
    expect(session.genesisHash).toBe(misled.genesisHash);
    expect(session.codecs).not.toBe(misled.codecs);
    expect((await open(honest)).codecs).toBe(session.codecs);
  });

  test("is read anew when it was upgraded between two connections", async () => {
    const chain = await start({ spec: 144 });
    const before = await open(chain);
    await before.close();
    chain.addBlock();
    chain.upgrade(152);
    const after = await open(chain);
    expect([before, after].map(specOf)).toEqual([144, 152]);
    expect(after.codecs.registry).not.toBe(before.codecs.registry);
  });

  test("has metadata and version of one block when it is upgraded while they are read", async () => {
    const chain = await start({ spec: 152 });
    chain.on("state_getRuntimeVersion", ([hash]) => runtimeVersion(hash === undefined ? 144 : 152));
    expect(specOf(await open(chain))).toBe(152);
  });

  test("is read anew when the address serves another chain", async () => {
    const chain = await start();
    const first = await open(chain);
    const genesisHash = `0x${"22".repeat(32)}`;
    const newest = chain.addBlock();
    chain.on("chain_getBlockHash", ([number]) => (number === 0 ? genesisHash : newest));
    chain.on("state_getMetadata", () => metadataHexOf(144));
    const second = await open(chain);
    expect(second.genesisHash).toBe(genesisHash);
    expect(second.codecs).not.toBe(first.codecs);
  });

  test("is asked for again after an answer that was no metadata", async () => {
    const chain = await start();
    chain.on("state_getMetadata", () => "0x00");
    await expect(open(chain)).rejects.toThrow();
    chain.on("state_getMetadata", () => metadataHexOf(152));
    expect(specOf(await open(chain))).toBe(152);
  });
});

test("signs for the chain of the session, whose codecs serve other chains too", async () => {
  const [first, second] = [await open(await start()), await open(await start({ genesis: "two" }))];
  expect(second.codecs).toBe(first.codecs);
  const account = await createKeyPair(new Secret("//Alice"), "ed25519");
  const birth = { number: 1, hash: `0x${"11".repeat(32)}` };
  const sign = (session: ChainSession) => {
    const call = encodeGroups(session.codecs, [[{ kind: "cancelContract", contractId: 1 }]]);
    return signExtrinsic(session, account, call, { nonce: 0, birth, eraBlocks: 64, seenBlock: 1, tip: 0n }).hex;
  };
  expect(sign(first)).toBe(sign(first));
  expect(sign(second)).not.toBe(sign(first));
});

describe("events of a block that an older runtime ran", () => {
  /** Makes a block with an event that the newer runtime lacks, at whose end the runtime is upgraded. */
  function upgrade(chain: ScriptedChain): string {
    const hash = chain.addBlock([], [chain.event("TfgridModule", "NodeGpuStatusChanged", Buffer.of(7, 0, 0, 0, 1))]);
    chain.upgrade(152);
    return hash;
  }

  async function eventsOf(session: ChainSession, hash: string): Promise<unknown[]> {
    const { records } = await session.eventsAt(await readBlock(session, hash));
    return Array.from(records, ({ event }) => [event.method, ...Array.from(event.data, (field) => field.toJSON())]);
  }

  test("are read with what an earlier connection learnt of it", async () => {
    const chain = await start({ spec: 144 });
    await (await open(chain)).close();
    const hash = upgrade(chain);
    const session = await open(chain);
    expect(await eventsOf(session, hash)).toEqual([["NodeGpuStatusChanged", 7, true]]);
    expect(chain.times("state_getMetadata")).toBe(2);
  });

  test("are read by asking for that runtime when none is known", async () => {
    const chain = await start({ spec: 144 });
    const hash = upgrade(chain);
    // Its codecs were made over a connection that is closed by now.
    await (await open(chain)).close();
    const session = await open(chain);
    expect(await eventsOf(session, hash)).toEqual([["NodeGpuStatusChanged", 7, true]]);
    expect(await eventsOf(session, hash)).toHaveLength(1);
    expect(chain.times("state_getMetadata")).toBe(2);
  });
});
