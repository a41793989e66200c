import type { AttributePath, GridError } from "../core/errors";
import type { BlockSchema } from "./schema/schema";
import type { ObjectValue } from "./schema/value";
import type { Session } from "./session";

/** A message to the user. Errors stop the operation; warnings name the object in their summary, as equal ones are merged. */
export type Diagnostic = {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  readonly attribute?: AttributePath;
};

/** Turns a designed error into the diagnostic Terraform shows; the one place that does. */
export function errorDiagnostic(error: GridError): Diagnostic {
  return { severity: "error", summary: error.summary, detail: error.detail(), attribute: error.attribute };
}

/** What every call gets beside its values. */
export interface CallContext {
  /** The configured provider; the calls of one walk share it. */
  readonly session: Session;
  /** Aborts on StopProvider: give up waits at once and return what is known. */
  readonly signal: AbortSignal;
  /** Adds a warning to the answer. */
  warn(summary: string, detail: string, attribute?: AttributePath): void;
}

/** Input of a plan of a create or an update. Destroys are not planned by resources. */
export interface PlanInput {
  /** Null for a create. */
  readonly prior: ObjectValue | null;
  /** Config with prior computed values filled in by Terraform; write-only attributes already null. */
  readonly proposed: ObjectValue;
  /** What the user wrote; may hold write-only values. */
  readonly config: ObjectValue;
  /** What Read or Apply stored; empty for creates. */
  readonly priorPrivate: PrivateData;
}

/** A planned change. */
export interface PlanOutput {
  /** Every attribute, UNKNOWN where only apply will tell. */
  readonly planned: ObjectValue;
  /** Changed attributes that cannot change in place. */
  readonly replace?: readonly AttributePath[];
  /** Handed to Apply unchanged. @default the prior private data */
  readonly private?: PrivateData;
}

/** Small JSON object kept beside the state, in clear, never shown. No secrets. */
export type PrivateData = Readonly<Record<string, unknown>>;

/** Whether Terraform kept anything: of an object that is new there is nothing. */
export function isFilled(data: PrivateData): boolean {
  return Object.keys(data).length > 0;
}

/** Input of a create or an update. */
export interface ApplyInput {
  /** Null for a create. */
  readonly prior: ObjectValue | null;
  readonly planned: ObjectValue;
  readonly config: ObjectValue;
  readonly plannedPrivate: PrivateData;
}

/** What became of a create, update or read. A null state means that nothing exists. */
export interface StateOutput {
  readonly state: ObjectValue | null;
  /** @default what came in */
  readonly private?: PrivateData;
  /** Errors shown although a state is returned: on a create this taints the object, so only when it is worth destroying. */
  readonly errors?: readonly GridError[];
}

/** Input of a read or a destroy. */
export interface StateInput {
  readonly state: ObjectValue;
  readonly private: PrivateData;
}

/** How an object that exists is taken into a state. */
export interface Import {
  /** What the user gives, in a few words for the reference. */
  readonly id: string;
  /** Finds the object. Read follows. */
  find(id: string, context: CallContext): Promise<StateInput>;
}

/** A managed resource. Thrown GridErrors become diagnostics; anything else thrown is reported as a defect of the provider. */
export interface Resource {
  /** Full Terraform type: `threefold_virtual_machine`. */
  readonly typeName: string;
  readonly schema: BlockSchema;
  /** Checks what is known of the configuration; unknown values pass. All findings at once. */
  validate?(config: ObjectValue): readonly GridError[];
  /** Pure: no I/O beyond what the session already holds. */
  plan(input: PlanInput, context: CallContext): Promise<PlanOutput>;
  /** Create and update alike. Throwing means: nothing new exists, the prior state still holds. */
  apply(input: ApplyInput, context: CallContext): Promise<StateOutput>;
  /** Throwing keeps the object in state. */
  destroy(input: StateInput, context: CallContext): Promise<void>;
  read(input: StateInput, context: CallContext): Promise<StateOutput>;
  readonly import?: Import;
  /** From schema version N to N + 1, on the raw JSON state. */
  readonly upgrades?: Readonly<Record<number, (state: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;
}

/** A data source: reads, never writes. */
export interface DataSource {
  /** Full Terraform type: `threefold_candidates`. */
  readonly typeName: string;
  readonly schema: BlockSchema;
  validate?(config: ObjectValue): readonly GridError[];
  read(config: ObjectValue, context: CallContext): Promise<ObjectValue>;
}

/** The provider as the plugin server sees it. */
export interface ProviderDefinition {
  readonly schema: BlockSchema;
  readonly resources: readonly Resource[];
  readonly dataSources: readonly DataSource[];
  /** Checks the provider block; unknown values pass. */
  validate(config: ObjectValue): readonly GridError[];
  /** Makes the session of a walk. Opens no connection: that waits until something is asked. Values may be UNKNOWN. */
  configure(config: ObjectValue): Session;
}
