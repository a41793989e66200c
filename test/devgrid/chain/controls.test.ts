import { ConnectedChain, createdIn, muteLibraryLog } from "./connected-chain";

const hashOf = (index: number) => index.toString(16).padStart(32, "0");

describe("what can be made to happen", () => {
  let grid: ConnectedChain;
  let nextHash = 1;

  beforeAll(async () => {
    muteLibraryLog();
    grid = await ConnectedChain.start();
  });

  afterAll(() => grid.close());

  const create = () => grid.call("smartContractModule.createNodeContract", 1, hashOf(nextHash++), "{}", 0, null);

  /** Statuses until the first of the given kind. */
  async function statusesUntil(last: string): Promise<string[]> {
    const statuses: string[] = [];
    return new Promise((resolve, reject) => {
      create()
        .signAndSend(grid.dev, { nonce: -1 }, ({ status }) => {
          statuses.push(status.type);
          if (status.type === last) resolve(statuses);
        })
        .catch(reject);
    });
  }

  test("an extrinsic is refused as banned", async () => {
    grid.chain.failNext("ban");
    expect(await grid.refusal(grid.send(create(), grid.dev))).toBe("1012: Transaction is temporarily banned");
    expect((await grid.send(create(), grid.dev)).error).toBeUndefined();
  });

  test("an extrinsic is dropped after it was accepted, and its nonce stays free", async () => {
    const before = await grid.nextNonce(grid.dev);
    grid.chain.failNext("drop");
    expect(await statusesUntil("Dropped")).toEqual(["Ready", "Dropped"]);
    expect(await grid.nextNonce(grid.dev)).toBe(before);
  });

  test("an extrinsic is usurped, and its nonce is gone", async () => {
    const before = await grid.nextNonce(grid.dev);
    grid.chain.failNext("usurp");
    expect(await statusesUntil("Usurped")).toEqual(["Ready", "Usurped"]);
    grid.chain.produceBlock();
    expect(await grid.nextNonce(grid.dev)).toBe(before + 1);
  });

  test("an extrinsic is never included, whatever blocks come, until its era is over", async () => {
    grid.chain.failNext("never");
    const statuses = statusesUntil("Invalid");
    await grid.pooled(1);
    grid.chain.produceBlock();
    expect(await grid.api.rpc.author.pendingExtrinsics()).toHaveLength(1);
    grid.chain.advanceTime(10 * 60_000);
    expect(await statuses).toEqual(["Ready", "Invalid"]);
  });

  test("a block is retracted, and its contract comes back under another number", async () => {
    const told: string[] = [];
    const stop = grid.chain.subscribe((events) => told.push(...events.map(({ kind }) => kind)));
    const seen: { type: string; id: number }[] = [];
    grid.chain.failNext("retract");
    const hash = hashOf(nextHash);
    await new Promise<void>((resolve, reject) => {
      create()
        .signAndSend(grid.dev, {}, ({ status, events }) => {
          seen.push({ type: status.type, id: createdIn(events) });
          if (status.isFinalized) resolve();
        })
        .catch(reject);
    });
    stop();
    expect(seen.map(({ type }) => type)).toEqual(["Ready", "InBlock", "Retracted", "InBlock", "Finalized"]);
    const [, first, , second] = seen;
    expect(second?.id).toBe((first?.id ?? 0) + 1);
    expect(grid.chain.getContract(first?.id ?? 0)).toBeUndefined();
    expect(await grid.read("smartContractModule.contractIDByNodeIDAndHash", 1, hash)).toBe(second?.id);
    expect(told).toEqual(["contractCreated", "contractEnded", "contractCreated"]);
  });

  test("blocks stop and go on", async () => {
    grid.chain.pauseBlocks();
    const sending = grid.send(create(), grid.dev);
    await grid.pooled(1);
    const number = grid.chain.blockNumber;
    expect(grid.chain.produceBlock()).toBe(number + 1);
    grid.chain.resumeBlocks();
    expect((await sending).error).toBeUndefined();
  });

  test("a contract ends for lack of funds, moves to another node, or is not there", async () => {
    await grid.send(grid.call("utility.batchAll", [create(), create()]), grid.dev);
    const [moved, ended] = grid.chain.listContracts().slice(-2);
    grid.chain.migrateContract(moved?.contractId ?? 0, 2);
    grid.chain.endForLackOfFunds(ended?.contractId ?? 0);
    expect(grid.chain.getContract(moved?.contractId ?? 0)).toMatchObject({ nodeId: 2 });
    expect(grid.chain.getContract(ended?.contractId ?? 0)).toBeUndefined();
    expect(await grid.read("smartContractModule.activeNodeContracts", 2)).toEqual([moved?.contractId]);
    expect(() => grid.chain.setGrace(ended?.contractId ?? 0)).toThrow(/This devgrid has no contract/);
  });

  test("the relay is named to every twin but those whose owner chose another", async () => {
    grid.chain.setRelay("ws://127.0.0.1:9102");
    await grid.send(grid.call("tfgridModule.updateTwin", "relay.elsewhere", null), grid.alice);
    grid.chain.setRelay("wss://relay.here/");
    const relays = grid.chain.listTwins().map(({ relay }) => relay);
    expect(new Set(relays)).toEqual(new Set(["relay.here", "relay.elsewhere"]));
    expect(relays.filter((relay) => relay === "relay.elsewhere")).toHaveLength(1);
  });

  test("time goes ahead without leaving the chain behind", async () => {
    const before = grid.chain.now();
    const number = grid.chain.blockNumber;
    grid.chain.advanceTime(3 * 3_600_000);
    expect(grid.chain.blockNumber - number).toBe(1800);
    expect(() => grid.chain.advanceTime(-1)).toThrow(/Time moves ahead only/);
    expect(grid.chain.now() - before).toBeGreaterThanOrEqual(3 * 3_600_000);
    expect(await grid.read("timestamp.now")).toBeGreaterThan(grid.chain.now() - 12_000);
  });
});
