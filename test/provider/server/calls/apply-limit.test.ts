import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../../../lib/core/clock";
import { silentLog } from "../../../../lib/core/log";
import type { ApplyInput, ProviderDefinition } from "../../../../lib/provider/resource";
import type { ObjectValue } from "../../../../lib/provider/schema/value";
import type { Rpcs } from "../../../../lib/provider/server/calls/call";
import { Catalog } from "../../../../lib/provider/server/calls/catalog";
import { terraformRpcs } from "../../../../lib/provider/server/calls/rpcs";
import { Walk } from "../../../../lib/provider/server/calls/walk";
import { writeDynamicValue } from "../../../../lib/provider/server/values/dynamic-value";
import { decode, encode } from "../../../../lib/provider/server/wire/codec";
import { labProvider, labProviders, MemoryWorld, thingSchema } from "../../../support/lab-provider";
import { TerraformProject } from "../../../support/terraform";

const HINT = "Terraform carried out 10 changes at a time, and others began only when one of these had ended";

/** The lab, where every change takes until it is let go. */
function slowLab(until: (name: string) => Promise<void>): ProviderDefinition {
  const lab = labProvider(new MemoryWorld());
  const apply = async ({ planned }: ApplyInput) => {
    await until(String(planned.name));
    return { state: { ...planned, id: "id", note: "n", generation: 1, seen_secret: "" } };
  };
  return { ...lab, resources: lab.resources.map((thing) => ({ ...thing, apply, destroy: () => until("gone") })) };
}

/** The calls of one provider process, on a clock that stands until it is moved. */
class Calls {
  readonly #rpcs: Rpcs;
  #now = 1_000_000;
  readonly #running: { readonly end: () => void; readonly warnings: Promise<string[]> }[] = [];

  constructor(env: NodeJS.ProcessEnv = {}) {
    let letGo: () => void = () => undefined;
    const definition = slowLab(() => new Promise((done) => (letGo = done)));
    const clock: Clock = { now: () => this.#now, sleep: async () => undefined };
    const walk = new Walk(silentLog, clock, env);
    this.#rpcs = terraformRpcs({ definition, catalog: new Catalog(definition), walk, log: silentLog });
    this.#endOfLast = () => letGo;
  }

  readonly #endOfLast: () => () => void;

  async beginWalk(): Promise<void> {
    await this.#rpcs.ConfigureProvider({ terraform_version: "1.11.4", config: undefined });
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  /** Starts changes; of destroys the planned state is null. */
  begin(count: number, kind: "create" | "destroy" = "create"): void {
    for (let n = 0; n < count; n++) {
      const [thing, nothing] = [stateOf({ id: "id", name: "x" }), stateOf(null)];
      const [prior_state, planned_state] = kind === "create" ? [nothing, thing] : [thing, nothing];
      const request = { type_name: "lab_thing", prior_state, planned_state, config: planned_state };
      const answer = this.#rpcs.ApplyResourceChange({ ...request, planned_private: Buffer.from("{}") });
      const warnings = answer.then(({ diagnostics = [] }) =>
        diagnostics.map(({ severity, summary }) => `${severity === 2 ? "" : "error: "}${summary}`),
      );
      this.#running.push({ end: this.#endOfLast(), warnings });
    }
  }

  /** Ends the oldest changes and gives what their answers say. */
  async end(count = this.#running.length): Promise<string[]> {
    const said: string[] = [];
    for (const { end, warnings } of this.#running.splice(0, count)) {
      end();
      said.push(...(await warnings));
    }
    return said;
  }
}

function stateOf(attributes: ObjectValue | null) {
  const nothing = Object.fromEntries(Object.keys(thingSchema.attributes).map((name) => [name, null]));
  const whole = attributes && { ...nothing, ...attributes, note: "n", generation: 1, seen_secret: "" };
  return decode("DynamicValue", encode("DynamicValue", writeDynamicValue(whole)));
}

async function walk(env?: NodeJS.ProcessEnv): Promise<Calls> {
  const calls = new Calls(env);
  await calls.beginWalk();
  return calls;
}

describe("the limit that Terraform has by itself", () => {
  it.each(["create", "destroy"] as const)("is told of once when changes are held back: %s", async (kind) => {
    const calls = await walk();
    calls.begin(10, kind);
    calls.pass(6_000);
    expect(await calls.end(1)).toEqual([]);
    calls.begin(1, kind);
    expect(await calls.end(1)).toEqual([HINT]);
    calls.begin(1, kind);
    calls.pass(6_000);
    expect(await calls.end(1)).toEqual([]);
    calls.begin(1, kind);
    expect(await calls.end()).toEqual([]);
  });

  it("is told of when all ten end together and fewer follow", async () => {
    const calls = await walk();
    calls.begin(10);
    calls.pass(6_000);
    expect(await calls.end()).toEqual([]);
    calls.begin(2);
    expect(await calls.end()).toEqual([HINT]);
  });

  it("is told of again in the next walk", async () => {
    const calls = await walk();
    for (let count = 0; count < 2; count++) {
      await calls.beginWalk();
      calls.begin(10);
      calls.pass(6_000);
      await calls.end(1);
      calls.begin(1);
      expect(await calls.end()).toEqual([HINT]);
    }
  });

  it("is no matter when nothing waits: ten objects, and others much later", async () => {
    const calls = await walk();
    calls.begin(10);
    calls.pass(6_000);
    expect(await calls.end()).toEqual([]);
    calls.pass(6_000);
    calls.begin(3);
    expect(await calls.end()).toEqual([]);
  });

  it("is no matter for fewer than ten at a time, however many follow each other", async () => {
    const calls = await walk();
    calls.begin(9);
    for (let count = 0; count < 20; count++) {
      calls.pass(6_000);
      expect(await calls.end(1)).toEqual([]);
      calls.begin(1);
    }
  });

  it("is another one when an eleventh runs, however many run later", async () => {
    const calls = await walk();
    calls.begin(11);
    calls.pass(6_000);
    await calls.end(2);
    calls.begin(1);
    expect(await calls.end()).toEqual([]);
  });

  it("is no matter when changes take no time", async () => {
    const calls = await walk();
    for (let count = 0; count < 3; count++) {
      calls.begin(10);
      calls.pass(500);
      expect(await calls.end()).toEqual([]);
    }
  });

  it.each([
    [{ CDKTF_TERRAFORM_PARALLELISM: "10" }],
    [{ TF_CLI_ARGS: "-parallelism=10" }],
    [{ TF_CLI_ARGS_apply: "-lock=false -parallelism 10" }],
    [{ TF_CLI_ARGS_destroy: "-parallelism=10" }],
  ])("is somebody's choice with %j", async (env) => {
    const calls = await walk(env);
    calls.begin(10);
    calls.pass(6_000);
    await calls.end(1);
    calls.begin(1);
    expect(await calls.end()).toEqual([]);
  });
});

it("real Terraform shows the hint once, and the next plan is empty", async () => {
  let begun = 0;
  let open: () => void = () => undefined;
  const tenRun = new Promise<void>((done) => {
    open = done;
  });
  const definition = slowLab(async () => {
    if (++begun === 10) open();
    await tenRun;
    if (begun === 10) await wait(2_100);
  });
  const project = await TerraformProject.attached(definition, { providers: labProviders });
  try {
    project.write({ resource: { lab_thing: { many: { count: 13, name: "p-${count.index}", note: "n" } } } });
    const { diagnostics } = await project.apply();
    const [hint, ...more] = diagnostics.filter(({ severity }) => severity === "warning");
    expect([hint?.summary, more]).toEqual([HINT, []]);
    expect(hint?.detail).toContain("npx threefold deploy");
    expect((await project.plan("-refresh=false")).changes).toEqual([]);
  } finally {
    await project.remove();
  }
});
