import { silentLog } from "../../../../lib/core/log";
import type { Rpcs } from "../../../../lib/provider/server/calls/call";
import { Catalog } from "../../../../lib/provider/server/calls/catalog";
import { redact } from "../../../../lib/provider/server/calls/redact";
import { terraformRpcs } from "../../../../lib/provider/server/calls/rpcs";
import { Walk } from "../../../../lib/provider/server/calls/walk";
import { writeDynamicValue } from "../../../../lib/provider/server/values/dynamic-value";
import { decode, encode } from "../../../../lib/provider/server/wire/codec";
import { labProvider, MemoryWorld, thingSchema } from "../../../support/lab-provider";

// What Terraform 1.11 never asks, or not in this way; everything else runs against the real one.
describe("calls the real Terraform does not make", () => {
  const world = new MemoryWorld();
  const definition = labProvider(world);
  let rpcs: Rpcs;

  beforeEach(() => {
    rpcs = terraformRpcs({ definition, catalog: new Catalog(definition), walk: new Walk(silentLog), log: silentLog });
  });

  const summaries = (answer: { diagnostics?: readonly { summary?: string }[] }) =>
    answer.diagnostics?.map((diagnostic) => diagnostic.summary);
  const nothing = Object.fromEntries(Object.keys(thingSchema.attributes).map((name) => [name, null]));
  const thing = decode("DynamicValue", encode("DynamicValue", writeDynamicValue({ ...nothing, id: "id-x" })));

  it("moving an object from another type is refused", async () => {
    const answer = await rpcs.MoveResourceState({ source_type_name: "aws_vpc", target_type_name: "lab_thing" });
    expect(summaries(answer)).toEqual(["A aws_vpc cannot become a lab_thing."]);
  });

  it("a type that does not exist is named", async () => {
    const answer = await rpcs.ReadDataSource({ type_name: "lab_nothing", config: undefined });
    expect(summaries(answer)).toEqual(['This version of the provider has no data source "lab_nothing".']);
  });

  it("working before Configure is refused, and a destroy then keeps the object", async () => {
    const answer = await rpcs.ApplyResourceChange({
      type_name: "lab_thing",
      prior_state: thing,
      planned_state: undefined,
      config: undefined,
      planned_private: Buffer.from("{}"),
    });
    expect(summaries(answer)).toEqual(["The provider was asked to work before it was configured."]);
    expect(answer.new_state).toEqual(writeDynamicValue({ ...nothing, id: "id-x" }));
  });

  it.each([
    ["a flat map from before Terraform 0.12", new Uint8Array(), 2, "does not fit its schema"],
    ["no JSON", Buffer.from("{hunter2"), 2, "does not fit its schema"],
    ["another type of value", Buffer.from('{"name":{"hunter2":1}}'), 2, "does not fit its schema"],
    ["no state that its upgrade knows", Buffer.from('{"title":{"hunter2":1}}'), 0, "does not fit its schema"],
    ["a later schema version", Buffer.from("{}"), 3, "was written by a newer version"],
  ])("a stored state that is %s is refused without quoting it", async (_what, json, version, said) => {
    const raw_state = { json, flatmap: {} };
    const answer = await rpcs.UpgradeResourceState({ type_name: "lab_thing", version, raw_state });
    expect(summaries(answer)?.[0]).toContain(said);
    expect(answer.diagnostics?.[0]?.detail).toContain("what the state describes goes on running and billing");
    expect(JSON.stringify(answer)).not.toContain("hunter2");
    expect(answer.upgraded_state).toBeUndefined();
  });

  it("private data of somebody else is refused without quoting it", async () => {
    await rpcs.ConfigureProvider({ terraform_version: "1.11.4", config: undefined });
    const answer = await rpcs.ReadResource({
      type_name: "lab_thing",
      current_state: thing,
      private: Buffer.from("hunter2"),
    });
    expect(summaries(answer)).toEqual(["This is a defect of the provider, met while reading lab_thing."]);
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });

  it("names what the provider offers", async () => {
    expect(await rpcs.GetMetadata({})).toMatchObject({
      resources: [{ type_name: "lab_thing" }],
      data_sources: [{ type_name: "lab_echo" }],
    });
  });
});

describe("redacting text nobody designed", () => {
  it("takes out the values of variables named like secrets, and passwords in URLs", () => {
    const environment = {
      MNEMONIC: "two words of twelve",
      THREEFOLD_KEY_SECRET: "0123456789abcdef",
      PATH: "/usr/bin:/bin",
    };
    const text = "failed with two words of twelve, 0123456789abcdef at wss://me:pass@host/x in /usr/bin:/bin";
    expect(redact(text, environment)).toBe("failed with ***, *** at wss://me:***@host/x in /usr/bin:/bin");
  });

  it("leaves text alone when a secret is too short to be one", () => {
    expect(redact("a b c", { TOKEN: "b" })).toBe("a b c");
  });
});
