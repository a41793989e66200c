import type { DeploymentTarget } from "../../engine/deployment-target";
import type { KeyDerivation } from "../../model/key-derivation";
import { Attributes } from "../schema/attributes";
import { isObjectValue, type ObjectValue, UNKNOWN } from "../schema/value";
import type { Account } from "../session";
import type { DeploymentKind } from "./deployment-kind";
import type { SecretResolver } from "./secret-resolver";

/** The deployment an object's attributes ask for. */
export function targetOf(
  kind: DeploymentKind,
  values: ObjectValue,
  parts: { readonly account: Account; readonly secrets: SecretResolver },
): DeploymentTarget {
  const attributes = new Attributes(values);
  const project = attributes.requireObject("project");
  return {
    ...kind.build(attributes, parts),
    // The lineage of a project that is still to be made is unknown; it is stamped at apply and never hashed.
    lineage: project.value("id") === UNKNOWN ? "" : project.requireText("id"),
    role: roleOf(kind, attributes),
    nodeId: attributes.requireNumber("node_id"),
    // What nobody knows yet is no permission.
    allowDataLoss: attributes.value("allow_data_loss") === true,
  };
}

/** An object in messages: `virtual machine web`. */
export function titleOf(kind: Pick<DeploymentKind, "kind">, { name, contract_id: contractId }: ObjectValue): string {
  return `${kind.kind.replaceAll("_", " ")} ${String(name ?? contractId)}`;
}

/** What an object is for in its project: `virtual_machine/web`. */
export function roleOf(kind: Pick<DeploymentKind, "kind">, attributes: Attributes): string {
  return `${kind.kind}/${attributes.requireText("identity")}`;
}

/** The derived salt that the description of an object's deployment ends with: known without its configuration. */
export function saltOf(kind: Pick<DeploymentKind, "kind">, values: ObjectValue, account: Account): string {
  return saltFor(roleOf(kind, new Attributes(values)), account.keys(scopeOf(values)));
}

/** The derived salt of a role. */
export function saltFor(role: string, keys: KeyDerivation): string {
  return keys.bytes({ kind: "salt", identity: role }, 16).toString("hex");
}

/** Keys of the project an object belongs to. */
export function scopeOf(values: ObjectValue): string {
  return new Attributes(values).requireObject("project").requireText("key_scope");
}

/** Values of the write-only attribute, by name; unknown ones count as absent. */
export function writeOnlyValues(config: ObjectValue): Record<string, string> {
  const values = config.secret_env_wo;
  if (!isObjectValue(values)) return {};
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}
