import { RpcError, SocketLost } from "../../../../lib/grid/chain/json-rpc-socket";
import { checkGroup } from "../../../../lib/grid/chain/queue/check-call";
import { judgeSubmitError } from "../../../../lib/grid/chain/queue/judge-submit-error";
import { readOutcomes } from "../../../../lib/grid/chain/queue/read-inclusion";
import { chainRefused, decodeRefusal } from "../../../../lib/grid/chain/queue/refusal";
import type { ContractCall } from "../../../../lib/model/call";
import { loadRuntime } from "../../../support/tfchain-runtime";

const cancel = (contractId: number): ContractCall => ({ kind: "cancelContract", contractId });

describe("naming what the chain refused", () => {
  test.each([
    [144, 112],
    [152, 113],
  ] as const)("reads error names from the metadata of spec %i, where InvalidRelayAddress is %i", (spec, index) => {
    const { registry } = loadRuntime(spec);
    const error = `0x${index.toString(16)}000000`;
    expect(decodeRefusal(registry, { module: { index: 25, error } })).toEqual({
      error: "InvalidRelayAddress",
      pallet: "tfgridModule",
    });
  });

  test("names errors that belong to no pallet", () => {
    const { registry } = loadRuntime(152);
    expect(decodeRefusal(registry, { badOrigin: null })).toEqual({ error: "BadOrigin", pallet: undefined });
    expect(decodeRefusal(registry, { token: "FundsUnavailable" }).error).toBe("FundsUnavailable");
  });

  test("carries the pallet's name, what it means for the account, and what to do", () => {
    const error = chainRefused([cancel(4)], { error: "ContractNotExists", pallet: "smartContractModule" });
    expect(error).toMatchObject({ code: "TFG_CHAIN_REFUSED", facts: { error: "ContractNotExists" }, retryable: false });
    expect(error.message).toContain("the cancellation of contract 4");
    expect(error.remedy).toContain("check the id");
  });

  test("refuses every group alike when the extrinsic failed as a whole", () => {
    const failed = { section: "system", method: "ExtrinsicFailed", data: [{ badOrigin: null }] };
    const outcomes = readOutcomes([failed], [[cancel(1)], [cancel(2)]], () => ({ error: "X", pallet: undefined }));
    expect(outcomes).toEqual([
      { kind: "refused", refusal: { error: "X", pallet: undefined } },
      { kind: "refused", refusal: { error: "X", pallet: undefined } },
    ]);
  });
});

describe("judging a refused submission", () => {
  test.each([
    [1010, "Transaction is outdated", "resign"],
    [1010, "Transaction has a bad signature", "resign"],
    [1010, "Transaction has an ancient birth block", "resign"],
    [1010, "Inability to pay some fees , e.g. account balance too low", "payment"],
    [1010, "Transaction would exhaust the block limits", "split"],
    [1011, "wasm `unreachable` instruction executed", "split"],
    [1012, "", "banned"],
    [1013, "", "unclear"],
    [1014, "The transaction has too low priority to replace another transaction already in the pool.", "resign"],
    [-32601, "Method not found", "unusable"],
  ] as const)("code %i with %j means %s", (code, data, verdict) => {
    expect(judgeSubmitError(new RpcError(code, "Invalid Transaction", data))).toBe(verdict);
  });

  test("a lost connection says nothing", () => {
    expect(judgeSubmitError(new SocketLost("gone"))).toBe("unclear");
  });
});

describe("checking calls before they join others", () => {
  const create = {
    kind: "createNodeContract",
    nodeId: 1,
    deploymentHash: "0".repeat(32),
    deploymentData: "",
    publicIps: 0,
  } as const;

  test.each<[string, ContractCall]>([
    ["deploymentData", { ...create, deploymentData: "x".repeat(513) }],
    ["deploymentHash", { ...create, deploymentHash: `0x${"0".repeat(64)}` }],
    ["nodeId", { ...create, nodeId: 0 }],
    ["publicIps", { ...create, publicIps: -1 }],
    ["solutionProviderId", { ...create, solutionProviderId: 1.5 }],
    ["name", { kind: "createNameContract", name: "No.Dots" }],
    ["contractId", cancel(Number.NaN)],
  ])("blames %s", (field, call) => {
    expect(() => checkGroup([create, call], 400)).toThrow(
      expect.objectContaining({ code: "TFG_CALL_INVALID", facts: { [field]: expect.stringContaining("allowed") } }),
    );
  });

  test("refuses more calls together than one extrinsic takes", () => {
    expect(() => checkGroup(Array(401).fill(create), 400)).toThrow(
      expect.objectContaining({ code: "TFG_CALL_INVALID" }),
    );
    expect(() => checkGroup(Array(400).fill(create), 400)).not.toThrow();
  });
});
