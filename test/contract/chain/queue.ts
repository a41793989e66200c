import type { ContractCall } from "../../../lib/model/call";
import { fresh, freshHash } from "../accounts";
import type { Ground } from "../ground";
import { newContract, refusedWith } from "./node-contracts";

/** The account's queue: what is counted is counted on the chain, never by the client. */
export function queue(ground: () => Ground): void {
  const extrinsics = async () => ground().raw.nonce(ground().deployer.account.address);

  describe("the queue", () => {
    test("sends fifty submits in at most two extrinsics and gives each its own contract", async () => {
      const before = await extrinsics();
      const calls = Array.from({ length: 50 }, (_, index) => newContract(ground().nodeIds[index % 2 === 0 ? 0 : 1]));
      const ids = await Promise.all(calls.map((call) => ground().make(call)));
      expect((await extrinsics()) - before).toBeLessThanOrEqual(2);
      const contracts = await ground().deployer.getContracts(ids);
      expect(contracts.map((contract) => contract?.kind === "node" && contract.deploymentHash)).toEqual(
        calls.map(({ deploymentHash }) => deploymentHash),
      );
      await ground().cancel(...ids);
    });

    test("tells equal hashes on different nodes apart", async () => {
      const [a, b] = ground().nodeIds;
      const call = newContract(a);
      const [together, alone] = await Promise.all([
        ground().submit([{ ...call, nodeId: b }, newContract(a)]),
        ground().submit([call]),
      ]);
      const contracts = await ground().deployer.getContracts([together[0]?.contractId ?? 0, alone[0]?.contractId ?? 0]);
      expect(contracts).toMatchObject([{ nodeId: b }, { nodeId: a }]);
    });

    test("lets a refused call fail alone", async () => {
      const [node] = ground().nodeIds;
      const before = await extrinsics();
      const [first, refused, last] = await Promise.allSettled([
        ground().make(newContract(node)),
        ground().make(newContract(4_000_000_000)),
        ground().make(newContract(node)),
      ]);
      expect((await extrinsics()) - before).toBe(1);
      expect([first.status, refused.status, last.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(refused).toMatchObject({ reason: refusedWith("NodeNotExists") });
    });

    test("makes calls of one submit stand or fall together, and their neighbours apart", async () => {
      const { deployer, nodeIds } = ground();
      const taken = `c${fresh()}`;
      await ground().make({ kind: "createNameContract", name: taken });
      const orphan = newContract(nodeIds[0]);
      const name = `c${fresh()}`;
      const [fallen, standing, neighbour] = await Promise.allSettled([
        ground().submit([orphan, { kind: "createNameContract", name: taken }]),
        ground().submit([{ kind: "createNameContract", name }, newContract(nodeIds[0])]),
        ground().submit([newContract(nodeIds[1])]),
      ]);
      expect(fallen).toMatchObject({ status: "rejected", reason: refusedWith("NameExists") });
      expect(await deployer.getContractIdByHash(nodeIds[0], orphan.deploymentHash)).toBeUndefined();
      expect(neighbour.status).toBe("fulfilled");
      const ids = standing.status === "fulfilled" ? standing.value.map(({ contractId }) => contractId) : [];
      expect(await deployer.getContracts(ids)).toMatchObject([{ kind: "name", name }, { kind: "node" }]);
    });

    test("cancels and makes the same again in one submit", async () => {
      const call = newContract(ground().nodeIds[0]);
      const contractId = await ground().make(call);
      const results = await ground().submit([{ kind: "cancelContract", contractId }, call]);
      expect(results[0]?.contractId).toBe(contractId);
      expect(results[1]?.contractId).toBeGreaterThan(contractId);
    });

    test.each<[string, Partial<ContractCall & { kind: "createNodeContract" }>]>([
      ["data of 513 bytes", { deploymentData: `${"ä".repeat(256)}x` }],
      ["a hash of 33 characters", { deploymentHash: `${freshHash()}0` }],
      ["a raw digest for a hash", { deploymentHash: "\u0000".repeat(32) }],
      ["a node number the chain has no room for", { nodeId: 2 ** 32 }],
    ])("refuses %s before it can harm its neighbours", async (_, changes) => {
      const [node] = ground().nodeIds;
      const [good, bad] = await Promise.allSettled([
        ground().make(newContract(node)),
        ground().make(newContract(node, changes)),
      ]);
      expect(good.status).toBe("fulfilled");
      expect(bad).toMatchObject({ status: "rejected", reason: { code: "TFG_CALL_INVALID" } });
    });

    test("takes data of exactly 512 bytes", async () => {
      const deploymentData = "ä".repeat(256);
      const contractId = await ground().make(newContract(ground().nodeIds[0], { deploymentData }));
      expect(await ground().deployer.getContract(contractId)).toMatchObject({ deploymentData });
    });

    test("drops a call whose caller gives up before it is sent", async () => {
      const stop = new AbortController();
      const before = await extrinsics();
      const call = newContract(ground().nodeIds[0]);
      const waiting = ground().deployer.submit([call], stop.signal);
      stop.abort(new Error("enough"));
      await expect(waiting).rejects.toThrow("enough");
      await ground().make(newContract(ground().nodeIds[0]));
      expect((await extrinsics()) - before).toBe(1);
      expect(await ground().deployer.getContractIdByHash(call.nodeId, call.deploymentHash)).toBeUndefined();
    });

    test("resolves finality once the block is final", async () => {
      const { deployer, raw } = ground();
      const [result] = await ground().submit([newContract(ground().nodeIds[0])], deployer);
      await result?.finalized;
      const numberOf = async (hash: unknown) => {
        return Number((await raw.rpc<{ number: string }>("chain_getHeader", hash)).number);
      };
      const final = await numberOf(await raw.rpc("chain_getFinalizedHead"));
      expect(final).toBeGreaterThanOrEqual(await numberOf(result?.blockHash));
    });
  });
}

/** One account, several programs. */
export function nonces(ground: () => Ground): void {
  const transfer = () => {
    const { raw, rival } = ground();
    return raw.call("balances", "transferKeepAlive", rival.account.address, 1_000);
  };

  describe("nonces", () => {
    test("goes on after another program used the account in between", async () => {
      await ground().make(newContract(ground().nodeIds[0]));
      await ground().raw.sendOk(ground().pair("deployer"), transfer());
      expect(await ground().make(newContract(ground().nodeIds[0]))).toBeGreaterThan(0);
    });

    test("lets two clients of one account work at the same time", async () => {
      const second = await ground().secondDeployer();
      const [node] = ground().nodeIds;
      for (let round = 0; round < 3; round++) {
        const ids = await Promise.all([
          ground().make(newContract(node)),
          ground().make(newContract(node), second),
          ground().make(newContract(node), second),
        ]);
        expect(new Set(ids).size).toBe(3);
        await ground().cancel(...ids);
      }
    });

    test("refuses a nonce that is used up, and keeps one that comes too early", async () => {
      const { raw } = ground();
      const pair = ground().pair("rival");
      const nonce = await raw.nonce(pair.address);
      await expect(raw.send(pair, transfer(), { nonce: nonce - 1 })).rejects.toThrow(/^1010.*outdated/i);
      const early = raw.send(pair, transfer(), { nonce: nonce + 1 });
      await raw.send(pair, transfer(), { nonce });
      await early;
      expect(await raw.nonce(pair.address)).toBe(nonce + 2);
    });
  });
}
