import type { AttributePath } from "../../../core/errors";
import type { MessageInit } from "../wire/messages";
import type { ObjectShape, Shape } from "./shape";

/**
 * An attribute path as the protocol writes it. Members of sets cannot be addressed, so a path stops at the set; it also
 * stops where it leaves the schema.
 */
export function wirePath(root: ObjectShape, path: AttributePath): MessageInit<"AttributePath"> {
  const steps: MessageInit<"AttributePath.Step">[] = [];
  let shape: Shape | undefined = root;
  for (const step of path) {
    const next: Next | undefined = shape && stepInto(shape, step);
    if (!next) break;
    steps.push(next.step);
    shape = next.shape;
  }
  return { steps };
}

interface Next {
  readonly step: MessageInit<"AttributePath.Step">;
  readonly shape: Shape;
}

function stepInto(shape: Shape, step: string | number): Next | undefined {
  if (shape.kind === "object") {
    const member = shape.members.get(String(step));
    return member && { step: { attribute_name: String(step) }, shape: member.shape };
  }
  if (shape.kind === "map") return { step: { element_key_string: String(step) }, shape: shape.element };
  if (shape.kind === "list") return { step: { element_key_int: Number(step) }, shape: shape.element };
  return undefined;
}
