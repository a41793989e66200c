import type { RentRecord, RentTarget } from "../../../engine/rent/rent";
import { Attributes } from "../../schema/attributes";
import type { ObjectValue } from "../../schema/value";

/** First part of the role in the stamp. */
export const KIND = "dedicated_node";

/** The rent that attributes ask for. */
export function targetOf(values: ObjectValue): RentTarget {
  const attributes = new Attributes(values);
  return {
    title: titleOf(values),
    lineage: attributes.requireObject("project").requireText("id"),
    role: `${KIND}/${attributes.requireText("identity")}`,
    nodeId: attributes.requireNumber("node_id"),
  };
}

/** A rent in messages: `dedicated node gpu`. */
export function titleOf({ name, contract_id: contractId }: ObjectValue): string {
  return `dedicated node ${String(name ?? contractId)}`;
}

/** What state remembers of a rent; undefined when it has none. */
export function recordOf(values: ObjectValue): RentRecord | undefined {
  const attributes = new Attributes(values);
  const contractId = Number(attributes.text("contract_id"));
  const token = attributes.text("stamp");
  return token === undefined || !Number.isSafeInteger(contractId) ? undefined : { contractId, token };
}
