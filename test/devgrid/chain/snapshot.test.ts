import type { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import type { ISubmittableResult } from "@polkadot/types/types";
import { DevgridChain } from "../../../lib/devgrid/chain/devgrid-chain";
import { DEV_PHRASE } from "../../../lib/devgrid/chain/genesis";
import { ConnectedChain, muteLibraryLog, StillClock, testSeed } from "./connected-chain";

const HASH = "d41d8cd98f00b204e9800998ecf8427e";

describe("a chain that is stopped and goes on", () => {
  test("is the same chain: genesis, accounts, contracts, time and numbers, by way of JSON", async () => {
    muteLibraryLog();
    const clock = new StillClock();
    const first = await ConnectedChain.start({ clock });
    first.chain.setRelay("ws://127.0.0.1:9102");
    const data = JSON.stringify({ name: "über" });
    await first.send(first.call("smartContractModule.createNodeContract", 1, HASH, data, 1, null), first.dev);
    first.chain.advanceTime(3 * 3_600_000);
    const contract = first.chain.getContract(1);
    const before = { twins: first.chain.listTwins(), farms: first.chain.listFarms(), nodes: first.chain.listNodes() };
    const account = await first.account(first.dev.address);
    const kept = JSON.parse(JSON.stringify(first.chain.snapshot()));
    await first.close();

    const second = await ConnectedChain.start({ clock, snapshot: kept });
    expect(second.chain.genesisHash).toBe(first.chain.genesisHash);
    expect(second.chain.blockNumber).toBe(first.chain.blockNumber + 1);
    expect(second.chain.now()).toBeGreaterThanOrEqual(first.chain.now());
    expect(second.chain.getContract(1)).toEqual(contract);
    expect(contract).toMatchObject({ kind: "node", deploymentHash: HASH, deploymentData: data });
    expect({
      twins: second.chain.listTwins(),
      farms: second.chain.listFarms(),
      nodes: second.chain.listNodes(),
    }).toEqual(before);
    expect(await second.account(second.dev.address)).toEqual(account);
    const sent = await second.send(second.call("smartContractModule.cancelContract", 1), second.dev);
    expect(sent.error).toBeUndefined();
    second.chain.setRelay("ws://127.0.0.1:9999");
    expect(new Set(second.chain.listTwins().map(({ relay }) => relay))).toEqual(new Set(["ws:/127.0.0.1:9999"]));
    await second.close();
  });

  test("is not begun from a state that cannot be read", async () => {
    const chain = await DevgridChain.create({ clock: new StillClock(), blockMs: "instant", seed: await testSeed() });
    const good = JSON.parse(JSON.stringify(chain.snapshot()));
    await chain.close();
    const broken = [
      { ...good, version: 2 },
      { ...good, storage: { ...good.storage, "Nowhere.Nothing": [[[], 1]] } },
      { ...good, storage: { ...good.storage, "TfgridModule.Twins": [[[1], { id: 1 }]] } },
      { ...good, head: {} },
    ];
    for (const snapshot of broken) {
      const starting = DevgridChain.create({ clock: new StillClock(), blockMs: "instant", snapshot });
      await expect(starting).rejects.toMatchObject({ code: "TFG_DEVGRID_STATE" });
    }
  });

  test("differs from every other fresh chain", async () => {
    const options = { clock: new StillClock(), blockMs: "instant" } as const;
    const chains = [await DevgridChain.create(options), await DevgridChain.create(options)];
    expect(chains[0]?.genesisHash).not.toBe(chains[1]?.genesisHash);
    for (const chain of chains) await chain.close();
  });
});

describe("a chain with blocks by the clock", () => {
  test("includes with the next block and finalizes two blocks later", async () => {
    const wakers: (() => void)[] = [];
    const clock = new StillClock();
    clock.sleep = (_ms, signal) =>
      new Promise((resolve, reject) => {
        wakers.push(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    const grid = await ConnectedChain.start({ clock, blockMs: 6000 });
    const tick = async () => {
      clock.advance(6000);
      wakers.shift()?.();
      // One round trip, so that what the block caused has arrived.
      await grid.api.rpc.chain.getHeader();
    };
    const statuses: string[] = [];
    const done = new Promise<void>((resolve, reject) => {
      grid
        .call("system.remark", "x")
        .signAndSend(grid.dev, ({ status }) => {
          statuses.push(status.type);
          if (status.isFinalized) resolve();
        })
        .catch(reject);
    });
    await grid.pooled(1);
    await tick();
    const included = grid.chain.blockNumber;
    while (!statuses.includes("InBlock")) await grid.api.rpc.chain.getHeader();
    await tick();
    expect(statuses).toEqual(["Ready", "InBlock"]);
    await tick();
    await done;
    expect(grid.chain.blockNumber).toBe(included + 2);
    expect(await grid.read("timestamp.now")).toBe(clock.now());
    await grid.close();
  });
});

test("the library's own version inside the message bus client connects and deploys too", async () => {
  // It warns of being the second copy in this process.
  jest.spyOn(console, "warn").mockImplementation(() => undefined);
  const path = require.resolve("@polkadot/api", { paths: [require.resolve("@threefold/rmb_direct_client")] });
  const older: { ApiPromise: typeof ApiPromise; WsProvider: typeof WsProvider; Keyring: typeof Keyring } = require(
    path,
  );
  const grid = await ConnectedChain.start();
  const api = await older.ApiPromise.create({ provider: new older.WsProvider(grid.url), noInitWarn: true });
  const twin = await grid.item("tfgridModule.twins", api)(1);
  expect(twin.toJSON()).toMatchObject({ id: 1, accountId: grid.dev.address });
  const dev = new older.Keyring({ type: "sr25519" }).addFromUri(DEV_PHRASE);
  const create = api.tx.smartContractModule?.createNodeContract?.(1, HASH, "{}", 0, null);
  const events = await new Promise<string[]>((resolve, reject) => {
    // As official clients do: settled in the block, never at finality.
    const settle = ({ status, events: records }: ISubmittableResult) => {
      if (status.isInBlock) resolve(records.map(({ event }) => event.method));
    };
    api.tx.utility?.batchAll?.([create]).signAndSend(dev, settle).catch(reject);
  });
  expect(events).toEqual(expect.arrayContaining(["ContractCreated", "BatchCompleted"]));
  expect(events.at(-1)).toBe("ExtrinsicSuccess");
  await api.disconnect();
  await grid.close();
});
