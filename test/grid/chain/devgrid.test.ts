import { systemClock } from "../../../lib/core/clock";
import { Secret } from "../../../lib/core/secret";
import type { ExtrinsicFault } from "../../../lib/devgrid/chain/block/pool";
import { DevgridChain } from "../../../lib/devgrid/chain/devgrid-chain";
import { connectChain } from "../../../lib/grid/chain/connect-chain";
import type { ChainClient } from "../../../lib/grid/clients";
import { createKeyPair, type KeyType } from "../../../lib/model/key-pair";
import { freshHash } from "../../contract/accounts";
import { RawChain } from "../../contract/raw-chain";

const NODE = 1;
/** News that do not come are missed after a quarter of a second; an era is over after four blocks. */
const timing = { batchMs: 10, blockMs: 50, eraBlocks: 4, finalityMs: 5_000 };

let chain: DevgridChain;
let url: string;
let client: ChainClient;
const others: ChainClient[] = [];

beforeEach(async () => {
  const keys = await createKeyPair(new Secret("//Bob//node"), "ed25519");
  const GIB = 1024 ** 3;
  const resources = { cru: 8, mru: 32 * GIB, sru: 500 * GIB, hru: 0 };
  const place = { country: "Belgium", city: "Ghent", publicConfig: undefined, isCertified: false };
  chain = await DevgridChain.create({
    clock: systemClock,
    blockMs: "instant",
    seed: {
      farms: [{ name: "farm", isDedicated: false, ips: [] }],
      nodes: [{ farmId: 1, keys, resources, ...place }],
    },
  });
  url = await chain.listen();
  client = await connect("//Alice", "sr25519");
});

afterEach(async () => {
  await Promise.all([client, ...others.splice(0)].map((each) => each.close()));
  await chain.close();
});

async function connect(secret: string, keyType: KeyType): Promise<ChainClient> {
  const opened = await connectChain({ urls: [url], account: await createKeyPair(new Secret(secret), keyType), timing });
  others.push(opened);
  return opened;
}

function create(deploymentHash = freshHash()) {
  return { kind: "createNodeContract", nodeId: NODE, deploymentHash, deploymentData: "{}", publicIps: 0 } as const;
}

describe("whatever becomes of an extrinsic, its calls take effect once", () => {
  describe.each(["sr25519", "ed25519"] as const)("signed with %s", (keyType) => {
    test.each([
      ["ban"],
      ["ban", "ban", "ban", "ban", "ban", "ban", "ban"],
      ["stale"],
      ["future"],
      ["drop"],
      ["drop", "drop", "drop", "drop"],
      ["invalid"],
      ["usurp"],
      ["usurp", "usurp", "usurp", "usurp", "usurp", "usurp"],
      ["delay"],
      ["never"],
      ["never", "never"],
      ["drop", "never", "usurp", "ban", "future", "stale", "delay"],
    ] as const)("after %s %s %s %s %s %s %s", async (...faults) => {
      // Nodes have twins, and ed25519 keys.
      const own = keyType === "sr25519" ? client : await connect("//Bob//node", keyType);
      chain.setBalance(own.account.address, 10n ** 9n);
      chain.failNext(...(faults.filter(Boolean) as ExtrinsicFault[]));
      const calls = [create(), create(), create()];
      const blocks = setInterval(() => chain.produceBlock(), timing.blockMs);
      const results = [];
      for (const call of calls) {
        results.push(own.submit([call]));
        await systemClock.sleep(2 * timing.batchMs);
      }
      const ids = (await Promise.all(results).finally(() => clearInterval(blocks))).map(([made]) => made?.contractId);
      expect(chain.listContracts().map(({ contractId }) => contractId)).toEqual(ids.toSorted());
      for (const [index, call] of calls.entries()) {
        expect(await own.getContractIdByHash(NODE, call.deploymentHash)).toBe(ids[index]);
      }
      expect(chain.stats.calls.get("SmartContractModule.create_node_contract")).toBe(3);
    });
  });

  test("after a lost connection, whether it was in a block by then or not", async () => {
    chain.pauseBlocks();
    const early = client.submit([create()]);
    await taken(1);
    chain.setDown(true);
    chain.produceBlock();
    chain.setDown(false);
    await early;
    const late = client.submit([create()]);
    await taken(2);
    chain.setDown(true);
    chain.setDown(false);
    chain.resumeBlocks();
    await late;
    expect(chain.stats.extrinsics).toBe(2);
    expect(chain.listContracts()).toHaveLength(2);
  });

  test("or none, when the balance is gone before a block takes it: that is told at once", async () => {
    chain.pauseBlocks();
    const waiting = client.submit([create()]);
    await taken(1);
    chain.setBalance(client.account.address, 0n);
    await expect(waiting).rejects.toMatchObject({ code: "TFG_BALANCE", facts: { usable: "0 TFT" } });
    expect(chain.listContracts()).toEqual([]);
  });

  test("when a dropped block refused what the next one accepts", async () => {
    chain.failNext("waver");
    const [result] = await client.submit([create()]);
    await result?.finalized;
    expect(chain.listContracts().map(({ contractId }) => contractId)).toEqual([result?.contractId]);
  });

  test("or none, when a dropped block accepted what the next one refuses: finality tells", async () => {
    chain.failNext("undo");
    const [result] = await client.submit([create()]);
    await expect(result?.finalized).rejects.toMatchObject({ code: "TFG_CHAIN_REORG" });
    expect(chain.listContracts()).toEqual([]);
  });

  test("under another number when its block was dropped, which finality tells", async () => {
    chain.failNext("retract");
    const [result] = await client.submit([create()]);
    await expect(result?.finalized).rejects.toMatchObject({ code: "TFG_CHAIN_REORG", retryable: true });
    const [contract] = chain.listContracts();
    expect(contract?.contractId).not.toBe(result?.contractId);
  });
});

describe("on a chain that goes on without us", () => {
  test("reads grace, is refused an update in it, and cancels all the same", async () => {
    const [result] = await client.submit([create()]);
    const contractId = result?.contractId ?? 0;
    chain.setGrace(contractId);
    expect(await client.getContract(contractId)).toMatchObject({
      state: { kind: "GracePeriod", sinceBlock: expect.any(Number) },
    });
    const update = { kind: "updateNodeContract", contractId, deploymentHash: freshHash(), deploymentData: "" } as const;
    await expect(client.submit([update])).rejects.toMatchObject({
      facts: { error: "CannotUpdateContractInGraceState" },
    });
    await client.submit([{ kind: "cancelContract", contractId }]);
    expect(chain.listContracts()).toEqual([]);
  });

  test("sees a contract that ended for lack of funds as gone", async () => {
    const [result] = await client.submit([create()]);
    chain.endForLackOfFunds(result?.contractId ?? 0);
    expect(await client.getContract(result?.contractId ?? 0)).toBeUndefined();
  });

  test("refuses to believe it once its blocks have stopped", async () => {
    let now = Date.now();
    const clock = { ...systemClock, now: () => now };
    const account = await createKeyPair(new Secret("//Alice"), "sr25519");
    const watching = await connectChain({ urls: [url], account, timing, clock });
    others.push(watching);
    chain.pauseBlocks();
    now += 60_000;
    await expect(watching.getContract(1)).rejects.toMatchObject({ code: "TFG_CHAIN_BEHIND" });
  });
});

test("signs with ed25519 as well", async () => {
  const other = await connect("//Carol", "ed25519");
  chain.setBalance(other.account.address, 10n ** 8n);
  await expect(other.submit([create()])).rejects.toMatchObject({ facts: { error: "TwinNotExists" } });
});

test("carries 450 calls of one moment in two extrinsics", async () => {
  const results = await Promise.all(Array.from({ length: 450 }, () => client.submit([create()])));
  expect(new Set(results.map(([result]) => result?.contractId)).size).toBe(450);
  expect(chain.stats.extrinsics).toBe(2);
});

/** Resolves once the chain has so many extrinsics of Alice, those that wait for a block counted too. */
async function taken(extrinsics: number): Promise<void> {
  const raw = await RawChain.connect(url);
  while ((await raw.rpc<number>("system_accountNextIndex", client.account.address)) < extrinsics);
  await raw.close();
}
