import type { AttributePath, GridError } from "../../core/errors";
import type { EngineContext } from "../../engine/context";
import type { DeploymentTarget } from "../../engine/deployment-target";
import type { LostWorkload } from "../../engine/update-phases";
import type { Deployment } from "../../model/deployment";
import type { KeyDerivation } from "../../model/key-derivation";
import type { Attributes } from "../schema/attributes";
import type { BlockSchema } from "../schema/schema";
import type { ObjectValue } from "../schema/value";
import type { Account } from "../session";
import type { SecretResolver } from "./secret-resolver";

/** What building a deployment may look at beside the attributes. */
export interface BuildContext {
  readonly account: Account;
  /** Turns references into values. */
  readonly secrets: SecretResolver;
}

/** What is known of an imported object beside what its node tells. */
export interface ImportContext {
  readonly identity: string;
  /** Keys of its project. */
  readonly keys: KeyDerivation;
}

/** Something that only one object at a time can have. */
export interface ExclusiveUse {
  /** Tells it from everything else. */
  readonly thing: string;
  /** Where it is asked for. */
  readonly attribute: AttributePath;
  /** As the user wrote it. */
  readonly given: string;
}

/** Another way than its contract's number to say which object is to be imported. */
export interface ImportAlias {
  /** For messages, after "or": `the name it has on the web`. */
  readonly description: string;
  /** Node contracts of this account that may be meant. */
  find(id: string, engine: EngineContext): Promise<readonly number[]>;
}

/** What a kind of deployment says of itself; everything the kinds share is in deployment-resource.ts. */
export interface DeploymentKind {
  /** Full Terraform type. */
  readonly typeName: string;
  /** First part of the role in the stamp: `virtual_machine`. */
  readonly kind: string;
  readonly schema: BlockSchema;
  /** Checks what is known of the configuration. */
  validate(config: ObjectValue): readonly GridError[];
  /** Checks the name. @default 1 to 36 letters, digits and `_` */
  validateName?(name: string): readonly GridError[];
  /** Attributes whose change replaces the object, beside project and node. */
  readonly fixed: readonly string[];
  /** Whether another node is a change of the same object: brought up there, then ended where it was. @default false */
  readonly isMovable?: boolean;
  /** Attributes that make the content; while one is unknown the content is. */
  readonly inputs: readonly string[];
  /** Attributes that the node's answer fills. */
  readonly outputs: readonly string[];
  /**
   * Sets every computed attribute that is no output: defaults, and UNKNOWN for what `choose` will give. Where a value is
   * but another way to write the prior one, the prior one stays. Pure.
   *
   * @param prior what stands, or what a node told of an imported object; null for a creation
   */
  complete(proposed: ObjectValue, config: ObjectValue, prior: ObjectValue | null): ObjectValue;
  /** Values chosen at apply because only the node knows what is free; kept from then on. */
  choose?(values: ObjectValue, engine: EngineContext, keys: KeyDerivation): Promise<ObjectValue>;
  /** What the world outside makes impossible now, as far as the values are known: a plan warns of it, an apply refuses. */
  obstacles?(values: ObjectValue, engine: EngineContext): Promise<readonly GridError[]>;
  /** What the engine would refuse by what it asks of the node: a plan warns of it, and an apply does not ask twice. */
  refusals?(values: ObjectValue, engine: EngineContext): Promise<readonly GridError[]>;
  /** Stand-ins for what `choose` will give and the plan cannot know. Pure. */
  assume?(values: ObjectValue): ObjectValue;
  /** The deployment as wanted. All inputs are known. */
  build(attributes: Attributes, context: BuildContext): Omit<DeploymentTarget, "lineage" | "role" | "nodeId">;
  /** What it uses that no other object may, as far as that is known. */
  exclusive?(values: ObjectValue): readonly ExclusiveUse[];
  /** Outputs that a change in place may alter. */
  changedOutputs(prior: ObjectValue, planned: ObjectValue): readonly string[];
  /** Outputs as the node gives them. */
  readOutputs(deployment: Deployment, attributes: Attributes): ObjectValue;
  /** Configuration of an imported object as far as the node tells; never secrets, which are only recognised. */
  readImported(deployment: Deployment, known: ImportContext): ObjectValue;
  /** What an import may be given in place of the contract's number. @default nothing */
  readonly alias?: ImportAlias;
  /** What else of an imported object can be found out. */
  findImported?(values: ObjectValue, engine: EngineContext): Promise<ObjectValue>;
  /** The attribute behind a workload whose data a change would lose. */
  attributeOf(workload: LostWorkload): string;
}
