/**
 * States that earlier schema versions wrote are read by this one, and nothing is planned for what they describe. After a
 * version is raised, `STORE_STATES=1 npx jest test/simulation/stored-states` keeps what the new one writes.
 */
import { providerDefinition } from "../../lib/provider/definition";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform } from "../support/simulation/simulated-terraform";
import type { State } from "../support/simulation/state-store";
import { EVERYTHING } from "../support/stored-states/everything";
import { asStored, readStored, writeStored } from "../support/stored-states/stored-states";

const { resources } = providerDefinition;
const versions = Array.from({ length: 1 + Math.max(...resources.map(({ schema }) => schema.version)) }, (_, at) => at);

let lab: Lab;
let terraform: SimulatedTerraform;

beforeAll(async () => {
  lab = await Lab.open();
  const ip4 = lab.grid.nodes.get(2)?.snapshot().endpoint.publicConfig?.ip4.split("/")[0] ?? "";
  await lab.control("dev.setDns", "www.example.org", [ip4]);
  // One at a time: contracts then have the same numbers in every run.
  terraform = lab.terraform({ parallelism: 1 });
  expect((await lab.run(() => terraform.apply(EVERYTHING))).errors).toEqual([]);
  if (process.env.STORE_STATES) for (const resource of resources) writeStored(resource, terraform.store.state);
});
afterAll(() => lab?.close());

test("every resource is in the stack that the states are of", () => {
  const types = new Set([...terraform.store.state.values()].map(({ type }) => type));
  expect([...types].sort()).toEqual(resources.map(({ typeName }) => typeName).sort());
});

test.each(versions)("states of version %i need no change of what they describe", async (version) => {
  const present = terraform.store.state;
  goBackTo(version);
  const { actions, errors, said } = await lab.run(() => terraform.plan(EVERYTHING));
  expect({ actions, errors, said }).toEqual({ actions: {}, errors: [], said: [] });
  expect((await lab.run(() => terraform.apply(EVERYTHING))).errors).toEqual([]);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect(valuesOf(terraform.store.state)).toEqual(valuesOf(present));
});

test("what the first version wrote is ended by its own stamps", async () => {
  goBackTo(0);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(lab.isLittered()).toBe(false);
});

/** Puts in the place of every object what an earlier version would have left of it. */
function goBackTo(version: number): void {
  const present = terraform.store.state;
  terraform.store.begin();
  for (const [address, instance] of present) {
    const name = address.slice(instance.type.length + 1);
    const stored = readStored(instance.type, version)?.objects[name];
    if (stored) terraform.store.set(address, asStored(stored, instance, version));
  }
  terraform.store.persist();
}

function valuesOf(state: State): unknown {
  return Object.fromEntries([...state].map(([address, { object }]) => [address, object.state]));
}
