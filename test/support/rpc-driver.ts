/**
 * Terraform core for one resource at a time, without Terraform: every call goes through the provider's own methods in the
 * bytes of the wire, and every answer is held against the rules Terraform has for it.
 */
import { silentLog } from "../../lib/core/log";
import type { ProviderDefinition } from "../../lib/provider/resource";
import type { ValueType } from "../../lib/provider/schema/schema";
import {
  isObjectValue,
  isWhollyKnown,
  type ObjectValue,
  UNKNOWN,
  type Value,
  valuesEqual,
} from "../../lib/provider/schema/value";
import type { RpcName } from "../../lib/provider/server/calls/call";
import { Catalog } from "../../lib/provider/server/calls/catalog";
import { terraformRpcs } from "../../lib/provider/server/calls/rpcs";
import { Walk } from "../../lib/provider/server/calls/walk";
import { pluginMethods } from "../../lib/provider/server/plugin-methods";
import { readDynamicValue, writeDynamicValue } from "../../lib/provider/server/values/dynamic-value";
import { type ObjectShape, shapeOf } from "../../lib/provider/server/values/shape";
import { decode, encode } from "../../lib/provider/server/wire/codec";
import type { GrpcMethod } from "../../lib/provider/server/wire/grpc-server";
import type { Message, MessageInit } from "../../lib/provider/server/wire/messages";
import { brokenBy, invalidPlan, proposedNewState, shown, wholeConfig } from "./terraform-rules";

/** An object as a state file holds it. */
export interface StoredObject {
  readonly state: ObjectValue;
  readonly private: Uint8Array;
  /** Schema version that wrote it. @default the present one */
  readonly version?: number;
}

/** What Terraform would say a plan does. */
export type Action = "no-op" | "create" | "update" | "replace";

/** One planned change. */
export interface PlannedChange {
  readonly action: Action;
  readonly prior: StoredObject | undefined;
  /** Of a replacement: the new object. */
  readonly planned: ObjectValue;
  readonly plannedPrivate: Uint8Array;
  /** First lines of warnings. */
  readonly warnings: readonly string[];
}

/** Carries a call into the process of the provider, and its answer back. */
export type Enter = <T>(call: () => Promise<T>) => Promise<T>;

/** A configuration as it is written: what is left out is null. */
export type Block = Readonly<Record<string, unknown>>;

/** Thrown when the provider answers with an error, or against Terraform's rules. */
export class DriverError extends Error {
  constructor(
    doing: string,
    problems: readonly string[],
    /** What Terraform would have in its state now. */
    readonly stored?: StoredObject,
  ) {
    super(`${doing}:\n  ${problems.join("\n  ")}`);
  }
}

/** A warning, and the call that it came with. */
export interface Warning {
  readonly during: RpcName;
  readonly summary: string;
  readonly detail: string;
}

/** What one plan call answers. */
interface PlanAnswer {
  readonly planned: ObjectValue;
  readonly replaces: boolean;
  readonly private: Uint8Array;
  readonly warnings: readonly string[];
}

const ABSENT = { state: null, private: new Uint8Array() };

/** Drives one provider through walks, as Terraform does. */
export class RpcDriver {
  readonly #walk = new Walk(silentLog);
  readonly #catalog: Catalog;
  readonly #methods: ReadonlyMap<string, GrpcMethod>;
  readonly #definition: ProviderDefinition;
  readonly #config: ObjectValue;
  readonly #asked: {
    readonly request: MessageInit<"PlanResourceChange.Request">;
    readonly answer: Message<"PlanResourceChange.Response">;
  }[] = [];
  readonly #read: MessageInit<"ReadResource.Request">[] = [];

  /** Everything the provider has warned of, in every walk. */
  readonly warnings: Warning[] = [];
  readonly #enter: Enter;

  /** @param enter how the provider's process is entered with a call; @default it is this process */
  constructor(definition: ProviderDefinition, providerBlock: Block, enter: Enter = (call) => call()) {
    this.#enter = enter;
    this.#definition = definition;
    this.#catalog = new Catalog(definition);
    const service = { definition, catalog: this.#catalog, walk: this.#walk, log: silentLog };
    this.#methods = pluginMethods(terraformRpcs(service), () => undefined);
    this.#config = wholeConfig(definition.schema.attributes, providerBlock);
  }

  /** Configures the provider anew: each plan and each apply is a walk of its own. */
  async beginWalk(): Promise<void> {
    this.#asked.length = 0;
    this.#read.length = 0;
    const { diagnostics } = await this.#call("ConfigureProvider", {
      terraform_version: "1.11.4",
      config: writeDynamicValue(this.#config),
    });
    refuse("configure", diagnostics);
  }

  /** Asks the calls that run to give up their waits, as Terraform does after one Ctrl-C. */
  async stop(): Promise<void> {
    await this.#call("StopProvider", {});
  }

  /** Ends the last walk. */
  async close(): Promise<void> {
    await this.#enter(() => this.#walk.end());
  }

  /** The type of an attribute; undefined when it is nested. */
  typeOf(type: string, attribute: string): ValueType | undefined {
    return this.#catalog.resource(type).schema.attributes[attribute]?.type;
  }

  /** Reads an object from the state file and refreshes it; undefined when it is gone. */
  async refresh(type: string, stored: StoredObject): Promise<StoredObject | undefined> {
    const shape = this.#shape(type);
    const upgraded = await this.#call("UpgradeResourceState", {
      type_name: type,
      version: stored.version ?? this.#catalog.resource(type).schema.version,
      raw_state: { json: Buffer.from(JSON.stringify(stored.state, (_, v) => (typeof v === "bigint" ? Number(v) : v))) },
    });
    refuse(`upgrade of ${type}`, upgraded.diagnostics);
    const request = { type_name: type, current_state: upgraded.upgraded_state, private: stored.private };
    this.#read.push(request);
    const answer = await this.#call("ReadResource", request);
    refuse(`read of ${type}`, answer.diagnostics);
    const state = readDynamicValue(shape, answer.new_state);
    return state === null ? undefined : { state, private: answer.private };
  }

  /**
   * Refreshes and plans in a walk of its own everything that was refreshed and planned in this one: the plans have to be
   * the very same bytes.
   */
  async repeatPlans(): Promise<void> {
    const [asked, read] = [[...this.#asked], [...this.#read]];
    await this.beginWalk();
    await Promise.all(read.map((request) => this.#call("ReadResource", request)));
    const again = await Promise.all(asked.map(({ request }) => this.#call("PlanResourceChange", request)));
    again.forEach((answer, index) => {
      const [first, second] = [asked[index]?.answer, answer].map(
        (each) => each && encode("PlanResourceChange.Response", each),
      );
      if (!first || !second || !first.equals(second)) {
        throw new DriverError(`plan of ${asked[index]?.request.type_name}`, ["planned again it is something else"]);
      }
    });
  }

  /** Takes an object that stands into the state, as `terraform import` does before it refreshes. */
  async importObject(type: string, id: string): Promise<StoredObject> {
    const answer = await this.#call("ImportResourceState", { type_name: type, id });
    refuse(`import of ${type} ${id}`, answer.diagnostics);
    const [imported] = answer.imported_resources;
    const state = imported && readDynamicValue(this.#shape(type), imported.state);
    if (!imported || !state) throw new DriverError(`import of ${type} ${id}`, ["nothing was imported"]);
    return { state, private: imported.private };
  }

  /** Reads a data source. */
  async readData(type: string, block: Block): Promise<ObjectValue> {
    const { schema } = this.#catalog.dataSource(type);
    const config = writeDynamicValue(wholeConfig(schema.attributes, block));
    const { diagnostics } = await this.#call("ValidateDataResourceConfig", { type_name: type, config });
    refuse(`check of data ${type}`, diagnostics);
    const answer = await this.#call("ReadDataSource", { type_name: type, config });
    refuse(`read of data ${type}`, answer.diagnostics);
    const state = readDynamicValue(shapeOf(schema), answer.state);
    if (state === null) throw new DriverError(`read of data ${type}`, ["no state came back"]);
    return state;
  }

  /** Plans a configuration. */
  async plan(type: string, stored: StoredObject | undefined, block: Block): Promise<PlannedChange> {
    const config = this.#configOf(type, block);
    await this.#validate(type, config);
    const first = await this.#planOnce(type, stored ?? ABSENT, config);
    if (stored === undefined) return change("create", undefined, first);
    if (first.replaces) {
      const anew = await this.#planOnce(type, { state: null, private: stored.private }, config);
      return change("replace", stored, { ...anew, warnings: [...first.warnings, ...anew.warnings] });
    }
    return change(valuesEqual(first.planned, stored.state) ? "no-op" : "update", stored, first);
  }

  /** Carries out the destroying half of a replacement. */
  async destroyForReplacement(type: string, { prior, plannedPrivate }: PlannedChange): Promise<void> {
    if (prior) await this.#destroy(type, prior, plannedPrivate);
  }

  /** Destroys an object, planned as Terraform plans it. */
  async destroy(type: string, stored: StoredObject): Promise<void> {
    const planned = await this.#call("PlanResourceChange", {
      type_name: type,
      prior_state: writeDynamicValue(stored.state),
      proposed_new_state: writeDynamicValue(null),
      config: writeDynamicValue(null),
      prior_private: stored.private,
    });
    refuse(`plan of the end of ${type}`, planned.diagnostics);
    if (readDynamicValue(this.#shape(type), planned.planned_state) !== null) throw new Error("a destroy plans a state");
    await this.#destroy(type, stored, planned.planned_private);
  }

  /**
   * Carries out a planned change, of a replacement the creating half: plans again with what is known now, holds that
   * against the first plan, applies it, and holds the result against the plan.
   */
  async apply(type: string, planned: PlannedChange, block: Block): Promise<StoredObject> {
    const { action, prior } = planned;
    if (action === "no-op" && prior) return prior;
    const config = this.#configOf(type, block);
    await this.#validate(type, config);
    const before = action === "update" ? prior : undefined;
    const final = await this.#planOnce(type, before ?? ABSENT, config);
    const doing = `${action} of ${type} ${String(block.name)}`;
    const broken = brokenBy(planned.planned, final.planned);
    if (broken.length > 0) throw new DriverError(`${doing}: inconsistent final plan`, broken);
    if (final.replaces) throw new DriverError(doing, ["the final plan is a replacement"]);
    if (before && valuesEqual(final.planned, before.state)) return before;
    return this.applyAsPlanned(type, { prior: before, planned: final.planned, plannedPrivate: final.private }, config);
  }

  /** The apply call alone. */
  async applyAsPlanned(
    type: string,
    step: Pick<PlannedChange, "prior" | "planned" | "plannedPrivate">,
    config: ObjectValue,
  ): Promise<StoredObject> {
    const answer = await this.#call("ApplyResourceChange", {
      type_name: type,
      prior_state: writeDynamicValue(step.prior?.state ?? null),
      planned_state: writeDynamicValue(step.planned),
      config: writeDynamicValue(config),
      planned_private: step.plannedPrivate,
    });
    const state = readDynamicValue(this.#shape(type), answer.new_state);
    const stored = state === null ? undefined : { state, private: answer.private };
    const doing = `apply of ${type} ${String(step.planned.name)}`;
    refuse(doing, answer.diagnostics, stored);
    if (stored === undefined) throw new DriverError(doing, ["no state came back"]);
    const problems = [...brokenBy(step.planned, stored.state), ...unknownsIn(stored.state)];
    if (problems.length > 0) throw new DriverError(`${doing}: inconsistent result`, problems, stored);
    return stored;
  }

  /** A block with every attribute of its type. */
  #configOf(type: string, block: Block): ObjectValue {
    return wholeConfig(this.#catalog.resource(type).schema.attributes, block);
  }

  #shape(type: string): ObjectShape {
    return shapeOf(this.#catalog.resource(type).schema);
  }

  async #validate(type: string, config: ObjectValue): Promise<void> {
    const { diagnostics } = await this.#call("ValidateResourceConfig", {
      type_name: type,
      config: writeDynamicValue(config),
    });
    refuse(`check of ${type} ${shown(config.name)}`, diagnostics);
  }

  async #planOnce(
    type: string,
    prior: { readonly state: ObjectValue | null; readonly private: Uint8Array },
    config: ObjectValue,
  ): Promise<PlanAnswer> {
    const { attributes } = this.#catalog.resource(type).schema;
    const request = {
      type_name: type,
      prior_state: writeDynamicValue(prior.state),
      proposed_new_state: writeDynamicValue(proposedNewState(attributes, prior.state, config)),
      config: writeDynamicValue(config),
      prior_private: prior.private,
    };
    const answer = await this.#call("PlanResourceChange", request);
    this.#asked.push({ request, answer });
    const doing = `plan of ${type} ${shown(config.name)}`;
    refuse(doing, answer.diagnostics);
    const planned = readDynamicValue(this.#shape(type), answer.planned_state);
    if (planned === null) throw new DriverError(doing, ["nothing was planned"]);
    const problems = invalidPlan(attributes, { prior: prior.state, config, planned });
    if (problems.length > 0) throw new DriverError(`${doing}: invalid plan`, problems);
    return {
      planned,
      replaces:
        prior.state !== null && this.#isReplaced(doing, { prior: prior.state, planned }, answer.requires_replace),
      private: answer.planned_private,
      warnings: answer.diagnostics.map(({ summary }) => summary),
    };
  }

  #note(during: RpcName, answer: { readonly diagnostics?: readonly Message<"Diagnostic">[] }): void {
    const warnings = (answer.diagnostics ?? []).filter(({ severity }) => severity === 2);
    this.warnings.push(...warnings.map(({ summary, detail }) => ({ during, summary, detail })));
  }

  /** Terraform drops a path whose value does not change; here that is a mistake of the provider. */
  #isReplaced(
    doing: string,
    { prior, planned }: { readonly prior: ObjectValue; readonly planned: ObjectValue },
    paths: readonly Message<"AttributePath">[],
  ): boolean {
    for (const { steps } of paths) {
      const names = steps.map((step) => step.attribute_name ?? step.element_key_string ?? step.element_key_int ?? "");
      const at = (value: Value) =>
        names.reduce<Value>((inner, name) => (isObjectValue(inner) ? (inner[name] ?? null) : null), value);
      if (valuesEqual(at(prior), at(planned))) throw new DriverError(doing, [`replaced for ${names}, which stays`]);
    }
    return paths.length > 0;
  }

  async #destroy(type: string, stored: StoredObject, plannedPrivate: Uint8Array): Promise<void> {
    const answer = await this.#call("ApplyResourceChange", {
      type_name: type,
      prior_state: writeDynamicValue(stored.state),
      planned_state: writeDynamicValue(null),
      config: writeDynamicValue(null),
      planned_private: plannedPrivate,
    });
    refuse(`end of ${type} ${String(stored.state.name)}`, answer.diagnostics, stored);
  }

  async #call<N extends RpcName>(name: N, request: MessageInit<`${N}.Request`>): Promise<Message<`${N}.Response`>> {
    const method = this.#methods.get(`/tfplugin6.Provider/${name}`);
    if (typeof method !== "function") throw new Error(`${this.#definition.schema.description} does not serve ${name}`);
    const bytes = encode(`${name}.Request`, request);
    const answer = decode(`${name}.Response`, await this.#enter(() => method(bytes)));
    this.#note(name, answer);
    return answer;
  }
}

function change(action: Action, prior: StoredObject | undefined, answer: PlanAnswer): PlannedChange {
  return { action, prior, planned: answer.planned, plannedPrivate: answer.private, warnings: answer.warnings };
}

function refuse(doing: string, diagnostics: readonly Message<"Diagnostic">[], stored?: StoredObject): void {
  const errors = diagnostics.filter(({ severity }) => severity === 1);
  if (errors.length === 0) return;
  throw new DriverError(
    doing,
    errors.map(({ summary, detail }) => `${summary}\n${detail}`),
    stored,
  );
}

function unknownsIn(state: ObjectValue): string[] {
  return Object.entries(state).flatMap(([name, value]) => (isWhollyKnown(value) ? [] : [`${name} is unknown`]));
}

/** Marks attributes of a block as not known yet. */
export function notYetKnown(block: Block, names: readonly string[]): Block {
  return { ...block, ...Object.fromEntries(names.map((name) => [name, UNKNOWN])) };
}
