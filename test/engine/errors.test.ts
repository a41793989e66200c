import { handedOver, ownedByOtherProject, stalePlan, wouldLoseData } from "../../lib/engine/errors";
import { getChanges } from "../../lib/engine/node/node-deployments";

const target = {
  title: "zdb db",
  label: { type: "zdb", name: "db", projectName: "zdb/db" },
  lineage: "shop.0123456789abcdef",
  role: "zdb/db",
  nodeId: 4,
  publicIps: 0,
  metadata: "",
  description: "",
  workloads: [],
};

describe("an import is advised only where it is not refused", () => {
  const other = { lineage: "shop.fedcba9876543210", role: "zdb/db", token: "1" };

  test("a deployment of another project is adopted", () => {
    const { remedy } = ownedByOtherProject(target, { contractId: 7, twinId: 1, lineage: other.lineage });
    expect(remedy).toContain(`adopt = "${other.lineage}"`);
    expect(remedy).not.toContain("import");
  });

  test("one that lost its stamp is imported under the id that says whose it is", () => {
    const { remedy } = ownedByOtherProject(target, { contractId: 7, twinId: 1, lineage: undefined });
    expect(remedy).toContain("import it as 7:shop.0123456789abcdef:db");
  });

  test("what was handed over to another state of the same object can be taken back", () => {
    expect(handedOver(target, 7, { ...other, lineage: target.lineage }).remedy).toContain("import it after that");
    expect(handedOver(target, 7, other).remedy).not.toContain("import");
    expect(handedOver(target, 7, undefined).remedy).not.toContain("import");
  });
});

test("nothing was changed is said only where that is so", () => {
  expect(stalePlan("zdb db", 7).standing).toBe("Nothing was changed.");
  expect(wouldLoseData(target, 7, [{ name: "db" }]).standing).toBe("Nothing was changed.");
  for (const error of [stalePlan("zdb db", 7, true), wouldLoseData(target, 7, [{ name: "db" }], true)]) {
    expect(error.message).not.toContain("Nothing was changed");
    expect(error.standing).toContain("Contract 7 still stands and bills");
  }
});

test("what a node sends in place of its workloads is not repeated: their secrets may be in it", async () => {
  const nodes = { call: async () => ({ workloads: [{ data: { password: "canary-5f1d" } }] }) };
  const asking = getChanges(nodes as never, { nodeTwinId: 8, contractId: 7 }, { signal: new AbortController().signal });
  const error = await asking.catch((reason: Error) => reason);
  expect(error).toMatchObject({ code: "TFG_NODE_ANSWER" });
  expect((error as Error).message).not.toContain("canary");
});
