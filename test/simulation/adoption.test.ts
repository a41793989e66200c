/** A state is lost, and the next run begins before the directory lists what the last one has made. */
import type { ObjectValue } from "../../lib/provider/schema/value";
import { dedicatedNode, PROJECT, type Resources, stack, zdb } from "../support/grid-stack";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform } from "../support/simulation/simulated-terraform";
import { adopting } from "../support/simulation/sweep";

const DB = "threefold_zdb.db";
const MORE = "threefold_zdb.more";

let lab: Lab;
let lost: SimulatedTerraform;
let terraform: SimulatedTerraform;

const config = (stores: Resources[string]) => stack(PROJECT, { threefold_zdb: stores });
const apply = (of: SimulatedTerraform, what: Parameters<SimulatedTerraform["apply"]>[0]) =>
  lab.run(() => of.apply(what));
const stateOf = (address: string): ObjectValue => terraform.store.state.get(address)?.object.state ?? {};
const project = () => stateOf("threefold_project.main");

beforeEach(async () => {
  lab = await Lab.open();
  [lost, terraform] = [lab.terraform(), lab.terraform()];
  await lab.control("dev.setDirectoryStale", true);
  expect((await apply(lost, config({ db: zdb(1) }))).errors).toEqual([]);
});
afterEach(() => lab?.close());

/** The lineage that the refusal of the second run says to adopt. */
async function refused(what: ReturnType<typeof config>): Promise<string> {
  const { errors } = await apply(terraform, what);
  expect(errors).toEqual([expect.stringContaining("TFG_OWNED_ELSEWHERE")]);
  await lab.control("dev.setDirectoryStale", false);
  return /adopt = "([^"]+)"/.exec(errors[0] ?? "")?.[1] ?? "";
}

test("the project goes back to the lineage that was lost, and what it had is taken over", async () => {
  const wanted = config({ db: zdb(1) });
  const lineage = await refused(wanted);
  const own = project().id;
  expect(own).not.toBe(lineage);
  const { actions, errors } = await apply(terraform, adopting(wanted, lineage));
  expect([actions, errors]).toEqual([{ "threefold_project.main": "update", [DB]: "create" }, []]);
  expect(project().id).toBe(lineage);
  const former = lost.store.state.get(DB)?.object.state ?? {};
  expect(stateOf(DB).contract_id).toBe(former.contract_id);
  // Left in, or taken out again, it changes nothing any more.
  for (const next of [adopting(wanted, lineage), wanted]) {
    expect((await lab.run(() => terraform.plan(next))).actions).not.toHaveProperty([DB]);
    expect((await apply(terraform, next)).errors).toEqual([]);
    expect(project().id).toBe(lineage);
  }
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(lab.isLittered()).toBe(false);
});

test("of two states that were lost, both are named, the greater one as the one to adopt", async () => {
  const wanted = config({ db: zdb(1), more: zdb(2, { name: "more" }), third: zdb(4, { name: "third" }) });
  await refused(wanted);
  terraform.store.lose();
  const { errors } = await apply(terraform, wanted);
  expect(errors).toEqual([expect.stringContaining("TFG_PROJECT_TAKEN")]);
  expect(errors[0]).toMatch(/another one +shop\.[0-9a-f]{16}, contracts 1\n/);
  expect(errors[0]).toMatch(/contracts +2, 3\n/);
});

test("a rented node is taken over likewise", async () => {
  const rented = stack(PROJECT, { threefold_dedicated_node: { own: dedicatedNode(12) } });
  await lab.run(() => lost.destroy());
  expect((await apply(lost, rented)).errors).toEqual([]);
  const { errors } = await apply(terraform, rented);
  expect(errors).toEqual([
    expect.stringMatching(/set adopt = "(shop\.[0-9a-f]{16})" .*; otherwise choose another node/),
  ]);
  await lab.control("dev.setDirectoryStale", false);
  const lineage = /adopt = "([^"]+)"/.exec(errors[0] ?? "")?.[1] ?? "";
  expect((await apply(terraform, adopting(rented, lineage))).errors).toEqual([]);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(lab.isLittered()).toBe(false);
});

test("what was made under the project's own lineage meanwhile is replaced, and seen to be in the plan", async () => {
  const wanted = config({ db: zdb(1), more: zdb(2, { name: "more" }) });
  const lineage = await refused(wanted);
  const made = stateOf(MORE).contract_id;
  expect(made).toEqual(expect.any(String));
  const { actions, errors } = await apply(terraform, adopting(wanted, lineage));
  expect(errors).toEqual([]);
  expect(actions).toEqual({ "threefold_project.main": "update", [DB]: "create", [MORE]: "replace" });
  expect(stateOf(MORE).contract_id).not.toBe(made);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.plan(adopting(wanted, lineage)))).actions).toEqual({});
});

test("a lineage that nothing carries is refused, and the project stays what it is", async () => {
  const wanted = config({ db: zdb(1) });
  await refused(wanted);
  const own = project().id;
  const { errors } = await apply(terraform, adopting(wanted, "shop.0000000000000000"));
  expect(errors).toEqual([expect.stringContaining("TFG_PROJECT_TAKEN")]);
  expect(project().id).toBe(own);
});

test("a lineage that the plan does not know yet is refused: what it would replace could not be told", async () => {
  await lab.run(() => lost.destroy());
  expect((await apply(terraform, config({ db: zdb(1) }))).errors).toEqual([]);
  const own = project().id;
  const { threefold_project: projects, ...resource } = config({ db: zdb(1) }).resource;
  const main = { ...projects?.main, adopt: "${threefold_project.other.id}" };
  const both = { resource: { ...resource, threefold_project: { main, other: { name: "stall" } } } };
  const { errors } = await apply(terraform, both);
  expect(errors).toEqual([expect.stringContaining("adopt is known after the apply only")]);
  expect(project().id).toBe(own);
});
