import type { CallContext } from "../../../../lib/provider/resource";
import { placement } from "../../../../lib/provider/resources/placement";
import type { ObjectValue } from "../../../../lib/provider/schema/value";
import { nodeFacts } from "../../../support/node-facts";
import { wholeConfig } from "../../../support/terraform-rules";

const whole = (block: Record<string, unknown>) => wholeConfig(placement.schema.attributes, block);

/** Plans one request that stands on node 1, which is down. */
async function planned(request: ObjectValue, proposals: ObjectValue, findings: ObjectValue = {}) {
  const warnings: string[] = [];
  const context = { warn: (summary: string, detail: string) => warnings.push(`${summary}: ${detail}`) } as never;
  const requests = { web: { on_node_down: "replace", ...request } };
  const prior = whole({ requests, proposals: {}, findings: {}, down: [], nodes: { web: nodeFacts(1) }, unplaced: [] });
  const proposed = whole({ ...prior, requests, proposals, findings, down: [1] });
  const plan = await placement.plan({ prior, proposed, config: proposed, priorPrivate: {} }, context);
  return { prior, planned: plan.planned, warnings };
}

test.each<[string, ObjectValue, RegExp]>([
  ["disks", { ssd_gib: 5 }, /: It starts anew there: what is on its disks, .* is lost\. Its contract on node 1 ends\./],
  [
    "nothing",
    { ssd_gib: 0 },
    /: It is made anew there\. Its contract on node 1 ends\. .*"keep" to wait for it instead\.$/,
  ],
])("the plan of a move says what is lost of something with %s", async (_, request, detail) => {
  const { planned: plan, warnings } = await planned(request, { web: nodeFacts(2) });
  expect(plan.nodes).toEqual({ web: nodeFacts(2) });
  expect(warnings).toEqual([expect.stringMatching(/^"web" moves from node 1, which is down, to node 2/)]);
  expect(warnings[0]).toMatch(detail);
});

test("the plan of something that cannot move changes nothing and says why", async () => {
  const { prior, planned: plan, warnings } = await planned({}, {}, { web: "there is no other" });
  expect(plan).toEqual(prior);
  expect(warnings).toEqual([
    '"web" stays on node 1, which is down: It would move to another one, but: there is no other.',
  ]);
});

test("an apply keeps to the nodes that were planned, whatever is down by an older list", async () => {
  const requests = { web: { on_node_down: "replace" } };
  const values = { requests, proposals: { web: nodeFacts(2) }, nodes: { web: nodeFacts(1) }, unplaced: [] };
  const plan = whole({ ...values, down: [1] });
  const input = { prior: plan, planned: plan, config: plan, plannedPrivate: {} };
  const { state } = await placement.apply(input, {} as CallContext);
  expect(state?.nodes).toEqual({ web: nodeFacts(1) });
});
