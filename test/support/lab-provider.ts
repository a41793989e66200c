/**
 * A small provider for tests of the plugin server: its resource has an attribute of every kind, and a `mode` that makes
 * it misbehave on request. What it "creates" lives in a world: a map, or a file when the provider is its own process.
 */
import { setTimeout as wait } from "node:timers/promises";
import { GridError } from "../../lib/core/errors";
import { Claims } from "../../lib/provider/claims";
import type {
  ApplyInput,
  CallContext,
  PlanInput,
  PlanOutput,
  ProviderDefinition,
  Resource,
  StateOutput,
} from "../../lib/provider/resource";
import type { BlockSchema } from "../../lib/provider/schema/schema";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../../lib/provider/schema/value";
import type { Session } from "../../lib/provider/session";

/** Where created things are kept. */
export interface LabWorld {
  get(id: string): ObjectValue | undefined;
  set(id: string, thing: ObjectValue): void;
  delete(id: string): void;
  /** Called with every effect and every session event, for tests to look at. */
  note(event: string): void;
}

/** A world in memory, with what was noted. */
export class MemoryWorld extends Map<string, ObjectValue> implements LabWorld {
  readonly events: string[] = [];
  note(event: string): void {
    this.events.push(event);
  }
}

/** Address of the lab provider. */
export const labSource = "registry.terraform.io/example/lab";

/** Options of a `TerraformProject` that uses the lab provider. */
export const labProviders = { lab: { source: labSource } };

const text = { type: "string", description: "A text." } as const;

/** Schema of `lab_thing`. */
export const thingSchema: BlockSchema = {
  version: 2,
  description: "A thing with an attribute of every kind.",
  attributes: {
    id: { ...text, computed: true },
    name: { ...text, required: true },
    kind: { ...text, optional: true },
    mode: { ...text, optional: true },
    note: { ...text, optional: true, computed: true },
    generation: { type: "number", computed: true, description: "Counts updates." },
    seen_secret: { ...text, computed: true },
    secret_wo: { ...text, optional: true, writeOnly: true },
    secret_version: { type: "number", optional: true, description: "Change to apply the secret again." },
    hidden: { ...text, optional: true, sensitive: true },
    ratio: { type: "number", optional: true, description: "Any number." },
    is_on: { type: "bool", optional: true, description: "A switch." },
    labels: { type: { map: "string" }, optional: true, description: "Texts by name." },
    scores: { type: { list: "number" }, optional: true, description: "Numbers in order." },
    colours: { type: { set: "string" }, optional: true, description: "Texts without order." },
    point: { type: { object: { x: "number", y: "number" } }, optional: true, description: "An object type." },
    config: {
      description: "One object.",
      optional: true,
      nested: {
        nesting: "single",
        attributes: {
          level: { type: "number", required: true, description: "A number." },
          stamp: { ...text, computed: true },
          token_wo: { ...text, optional: true, writeOnly: true },
        },
      },
    },
    disks: {
      description: "Objects in order.",
      optional: true,
      nested: {
        nesting: "list",
        attributes: {
          size: { type: "number", required: true, description: "A number." },
          device: { ...text, computed: true },
        },
      },
    },
    mounts: {
      description: "Objects by name.",
      optional: true,
      nested: {
        nesting: "map",
        attributes: { path: { ...text, required: true }, device: { ...text, computed: true } },
      },
    },
    ports: {
      description: "Objects without order.",
      optional: true,
      nested: {
        nesting: "set",
        attributes: {
          port: { type: "number", required: true, description: "A number." },
          protocol: { ...text, optional: true },
        },
      },
    },
  },
};

/** The lab provider over a world. */
export function labProvider(world: LabWorld): ProviderDefinition {
  return {
    schema: {
      version: 0,
      description: "A provider for tests.",
      attributes: { prefix: { ...text, optional: true }, password: { ...text, optional: true, sensitive: true } },
    },
    resources: [thing(world)],
    dataSources: [
      {
        typeName: "lab_echo",
        schema: {
          version: 0,
          description: "Says back what it is told.",
          attributes: { input: { ...text, required: true }, output: { ...text, computed: true } },
        },
        read: async (config) => ({ ...config, output: `${config.input as string}!` }),
      },
    ],
    validate: (config) => (config.prefix === "bad" ? [blame("prefix", ["prefix"])] : []),
    configure: (config) => labSession(world, config),
  };
}

function labSession(world: LabWorld, config: ObjectValue): Session {
  world.note(`configure ${String(config.prefix)}`);
  const nothing = () => Promise.reject(new Error("the lab has no grid"));
  const close = async () => world.note(`close ${String(config.prefix)}`);
  return { claims: new Claims(), account: nothing, engine: nothing, getContract: nothing, wasRead: () => false, close };
}

function thing(world: LabWorld): Resource {
  return {
    typeName: "lab_thing",
    schema: thingSchema,
    validate: (config) =>
      config.name === "bad" ? [blame("name", ["name"]), blame("disks", ["disks", 0, "size"])] : [],
    plan: async (input, context) => plan(input, context),
    apply: (input, context) => apply(world, input, context),
    destroy: async ({ state, private: data }) => {
      if (state.mode === "fail-destroy") throw blame("destroy", ["mode"]);
      world.note(`destroy ${String(state.id)} ${JSON.stringify(data)}`);
      world.delete(state.id as string);
    },
    read: async ({ state, private: data }, context) => {
      if (state.mode === "fail-read") throw blame("read", []);
      if (state.note === "warn") context.warn(`lab_thing ${String(state.name)} is odd`, "It says so itself.", ["note"]);
      const found = world.get(state.id as string);
      return { state: found ?? null, private: { ...data, reads: Number(data.reads ?? 0) + 1 } };
    },
    import: {
      id: "any text",
      find: async (id) => ({ state: { ...nullsOf(thingSchema), id }, private: { imported: true } }),
    },
    upgrades: {
      0: ({ title, ...state }) => {
        if (typeof title !== "string") throw new TypeError(`${JSON.stringify(title)} is no title`);
        return { ...state, name: `${title} v1` };
      },
      1: (state) => ({ ...state, name: `${String(state.name)} v2` }),
    },
  };
}

async function plan({ prior, proposed, config, priorPrivate }: PlanInput, context: CallContext): Promise<PlanOutput> {
  if (proposed.mode === "plan-throws") throw new TypeError("cannot read 'x' of undefined: s3cr3t-in-the-lab");
  if (proposed.mode === "plan-misfit") return { planned: { ...proposed, name: 5 as unknown as Value } };
  if (proposed.secret_wo !== null) throw new Error("a write-only value reached the proposal");
  if (proposed.note === "warn") context.warn(`lab_thing ${String(proposed.name)} is planned odd`, "Look.", ["note"]);
  const withNote = config.note === null && prior === null ? { ...proposed, note: "default" } : proposed;
  if (prior && valuesEqual(withNote, prior)) return { planned: prior, private: priorPrivate };
  const planned = withComputed(prior, withNote);
  const isReplaced = prior !== null && !valuesEqual(prior.kind ?? null, planned.kind ?? null);
  return { planned, replace: isReplaced ? [["kind"]] : [], private: { ...priorPrivate, planned: true } };
}

/** Computed members of new elements become unknown; known ones keep their value. */
function withComputed(prior: ObjectValue | null, proposed: ObjectValue): ObjectValue {
  const fresh = (item: Value, name: string): Value =>
    isObjectValue(item) && item[name] === null ? { ...item, [name]: UNKNOWN } : item;
  const each = (value: Value | undefined): Value => {
    if (Array.isArray(value)) return value.map((item) => fresh(item, "device"));
    if (!isObjectValue(value)) return value ?? null;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fresh(item, "device")]));
  };
  return {
    ...proposed,
    id: prior?.id ?? UNKNOWN,
    generation: UNKNOWN,
    seen_secret: UNKNOWN,
    config: fresh(proposed.config ?? null, "stamp"),
    disks: each(proposed.disks),
    mounts: each(proposed.mounts),
  };
}

async function apply(world: LabWorld, input: ApplyInput, context: CallContext): Promise<StateOutput> {
  const { prior, planned, config, plannedPrivate } = input;
  if (planned.mode === "fail-apply") throw blame("apply", ["name"]);
  const id = (prior?.id as string | undefined) ?? `id-${String(planned.name)}`;
  if (planned.mode === "defect-throw") throw new TypeError("oops s3cr3t-in-the-lab oops");
  if (planned.mode === "partial") {
    world.set(id, settle({ ...planned, id, generation: 1 }, id));
    return { state: { ...planned, id }, errors: [blame("half way", ["name"])] };
  }
  if (planned.mode === "crash") {
    setImmediate(() => {
      throw new Error("crashed on purpose");
    });
    await wait(30_000, undefined, { ref: false });
  }
  if (planned.mode === "slow") {
    world.note(`waiting ${id}`);
    try {
      await wait(30_000, undefined, { signal: context.signal, ref: false });
    } catch {
      // Stopped: the thing exists, so say what is known of it.
      return { state: { ...planned, id }, errors: [blame("stopped", ["name"])] };
    }
  }
  const generation = Number(prior?.generation ?? 0) + 1;
  const done = settle({ ...planned, id, generation, seen_secret: String(config.secret_wo ?? "") }, id);
  world.set(id, done);
  world.note(`apply ${id} ${JSON.stringify(plannedPrivate)} ${String(sessionPrefix(context))}`);
  if (planned.mode === "defect-unknown") return { state: { ...done, note: UNKNOWN } };
  if (planned.mode === "defect-changed") return { state: { ...done, labels: { other: "value" } } };
  return { state: done, private: { ...plannedPrivate, applied: generation } };
}

function sessionPrefix(context: CallContext): string {
  return context.session ? "configured" : "unconfigured";
}

/** Every unknown gets a value that tells where it is. */
function settle(value: ObjectValue, at: string): ObjectValue {
  const one = (item: Value, path: string): Value => {
    if (item === UNKNOWN) return `set-${path}`;
    if (Array.isArray(item)) return item.map((member, index) => one(member, `${path}.${index}`));
    return isObjectValue(item) ? settle(item, path) : item;
  };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, one(item, `${at}.${name}`)]));
}

function nullsOf(schema: BlockSchema): ObjectValue {
  return Object.fromEntries(Object.keys(schema.attributes).map((name) => [name, null]));
}

function blame(what: string, attribute: readonly (string | number)[]): GridError {
  return new GridError({
    code: "TFG_LAB",
    summary: `The lab refused: ${what}.`,
    facts: { what },
    remedy: "ask for something else.",
    attribute,
  });
}
