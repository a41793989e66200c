import type { ListedContract, NodeAnswers } from "../../lib/engine/contracts/list-contracts";
import { orphanReason } from "../../lib/engine/contracts/orphans";

const state = { kind: "Created" } as const;

function node(contractId: number, role: string | undefined, nodeId = 1): ListedContract {
  const facts = { deploymentHash: "0".repeat(32), deploymentData: "{}", publicIps: 0, publicIpsList: [] };
  return {
    contract: { kind: "node", contractId, twinId: 1, state, nodeId, ...facts },
    stamp: role === undefined ? undefined : { lineage: "shop.0", role, token: `${contractId}` },
  };
}

const name = (contractId: number, text: string): ListedContract => ({
  contract: { kind: "name", contractId, twinId: 1, state, name: text },
  stamp: undefined,
});

const answers = (said: Readonly<Record<number, readonly object[] | undefined>>): NodeAnswers =>
  new Map(Object.entries(said).map(([id, deployments]) => [Number(id), deployments as never]));

const gateway = (contractId: number, text: string) => ({
  contractId,
  workloads: [{ name: "gw", type: "gateway-name-proxy", data: { name: text } }],
});

const reasons = (all: readonly ListedContract[], said?: NodeAnswers) =>
  Object.fromEntries(
    all.flatMap((each) => {
      const reason = orphanReason(each, all, said);
      return reason === undefined ? [] : [[each.contract.contractId, reason]];
    }),
  );

describe("an orphan is", () => {
  test("what was made for an object that has a younger contract", () => {
    expect(reasons([node(1, "zdb/a"), node(2, "zdb/a", 4), node(3, "zdb/b")])).toEqual({
      1: "contract 2 was made later for the same object",
    });
  });

  test("not a member of a mesh on another node, only an earlier one on the same", () => {
    expect(reasons([node(1, "network/m", 1), node(2, "network/m", 2), node(3, "network/m", 1)])).toEqual({
      1: "contract 3 was made later for the same object",
    });
  });

  test("not what other clients made, however many there are", () => {
    expect(reasons([node(1, undefined), node(2, undefined)])).toEqual({});
  });

  test("what its node says it knows nothing of, and not what a silent node has", () => {
    const all = [node(1, "zdb/a", 1), node(2, "zdb/b", 1), node(3, undefined, 2)];
    const said = answers({ 1: [{ contractId: 2, workloads: [] }], 2: undefined });
    expect(reasons(all, said)).toEqual({ 1: "node 1 knows nothing of it" });
    expect(reasons(all)).toEqual({});
  });

  test("a name that no gateway uses, as far as nodes tell", () => {
    const all = [name(1, "www"), name(2, "old"), node(3, "gateway_name/www", 1), node(4, undefined, 2)];
    const said = { 1: [gateway(3, "www")], 2: [{ contractId: 4, workloads: [] }] };
    expect(reasons(all, answers(said))).toEqual({ 2: "no gateway uses the name" });
    expect(reasons(all, answers({ ...said, 2: undefined }))).toEqual({});
    expect(reasons(all)).toEqual({});
  });

  test("every name when there is nothing that could be a gateway", () => {
    expect(reasons([name(1, "www")])).toEqual({ 1: "no gateway uses the name" });
  });

  test("never a rent: it may wait for what is to come", () => {
    const rent: ListedContract = {
      contract: { kind: "rent", contractId: 1, twinId: 1, state, nodeId: 1 },
      stamp: undefined,
    };
    expect(reasons([rent])).toEqual({});
  });
});
