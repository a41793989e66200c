import type { RentRecord, RentTarget } from "../../../engine/rent/rent";
import type { PrivateData } from "../../resource";
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

/**
 * What a creation leaves for the destroy it may be the other half of: Terraform hands the destroy of a replacement the
 * private data of the creation's plan, and a plain destroy none of it.
 */
export function successorData({ node_id: nodeId }: ObjectValue): PrivateData {
  return typeof nodeId === "number" ? { successor: { nodeId } } : {};
}

/** The node that is to be rented instead; undefined for a destroy that nothing follows. */
export function readSuccessor({ successor }: PrivateData): number | undefined {
  const isThere = typeof successor === "object" && successor !== null && "nodeId" in successor;
  return isThere && typeof successor.nodeId === "number" ? successor.nodeId : undefined;
}
