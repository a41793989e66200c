import type { GridError } from "../../../core/errors";
import { checkRawWorkloads, rawCapacity, rawContent, rawReferences } from "../../../model/raw/raw-workloads";
import { defineDeploymentResource } from "../../deployment/deployment-resource";
import { notAReference, parseSecretReference } from "../../deployment/secret-references";
import { type ObjectValue, UNKNOWN } from "../../schema/value";
import { buildDeployment, readImported, readOutputs } from "./model";
import { deploymentSchema } from "./schema";

/** `threefold_deployment`: workloads in the grid's own format under one contract. */
export const deployment = defineDeploymentResource({
  typeName: "threefold_deployment",
  kind: "deployment",
  schema: deploymentSchema,
  validate,
  fixed: ["public_ips"],
  inputs: ["workloads", "metadata", "description"],
  outputs: ["results"],
  complete,
  build: buildDeployment,
  changedOutputs: ({ workloads: before }, { workloads: after }) => (before === after ? [] : ["results"]),
  readOutputs,
  readImported,
  attributeOf: () => "workloads",
});

function validate({ workloads }: ObjectValue): readonly GridError[] {
  if (typeof workloads !== "string") return [];
  const strange = rawReferences(workloads).filter(({ reference }) => !parseSecretReference(reference));
  return [...checkRawWorkloads(workloads), ...strange.map(({ place }) => notAReference([place]))];
}

/** Another way to write the same keeps the text that state has: nothing changes then. */
function complete(proposed: ObjectValue, _config: ObjectValue, prior: ObjectValue | null): ObjectValue {
  const { workloads: given, public_ips: reserved } = proposed;
  // Of a text that is not known yet, the number of addresses is taken to stay.
  if (typeof given !== "string") return { ...proposed, public_ips: reserved ?? UNKNOWN };
  const before = prior?.workloads;
  const isSame = typeof before === "string" && rawContent(before) === rawContent(given);
  return { ...proposed, workloads: isSame ? before : given, public_ips: rawCapacity(given).ipv4u };
}
