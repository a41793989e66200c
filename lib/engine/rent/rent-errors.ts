/** What can be wrong with renting a node. Nothing of it is known while planning: who rents what changes by the minute. */
import { type Facts, GridError } from "../../core/errors";
import type { Stamp } from "../../model/deployment-data";
import type { RentTarget } from "./rent";

/** A contract that keeps a node from being rented or given back. */
export interface Holder {
  readonly contractId: number;
  /** Whose it is, in the user's terms. */
  readonly owner: string;
}

/** Somebody else rents the node. */
export function rentedByOther({ nodeId, title }: RentTarget, twinId: number): GridError {
  return new GridError({
    code: "TFG_NODE_RENTED",
    summary: `Node ${nodeId} is rented by twin ${twinId}, so ${title} cannot have it.`,
    standing: "Nothing was made and nothing bills.",
    remedy: "choose another node; `rentable` of a placement request finds those that nobody has.",
    attribute: ["node_id"],
  });
}

/** The account rents it already, but not for this object. @param stamp whose rent it is; undefined for another client's */
export function rentedElsewhere(target: RentTarget, contractId: number, stamp: Stamp | undefined): GridError {
  const owner = stamp ? `${stamp.lineage} ${stamp.role}` : "another client of this account";
  const ways = ["choose another node, or end that rent where it was made"];
  if (stamp?.role === target.role)
    ways.unshift(`set adopt = "${stamp.lineage}" on threefold_project if that state is lost`);
  return new GridError({
    code: "TFG_OWNED_ELSEWHERE",
    summary: `This account rents node ${target.nodeId} already, but not for ${target.title}.`,
    facts: { contract: contractId, "wanted by": `${target.lineage} ${target.role}`, "rented by": owner },
    standing: "Nothing was changed; that rent goes on billing.",
    remedy: `${ways.join("; otherwise ")}.`,
    attribute: ["node_id"],
  });
}

/** Contracts stand on the node, and it is in no dedicated farm. */
export function nodeInUse({ nodeId, title }: RentTarget, holders: readonly Holder[]): GridError {
  return new GridError({
    code: "TFG_NODE_IN_USE",
    summary: `Node ${nodeId} cannot be rented for ${title}: ${holders.length} contract(s) stand on it.`,
    facts: factsOf(holders),
    standing: "Nothing was made and nothing new bills.",
    remedy: "choose another node, or end these contracts first where they are yours.",
    attribute: ["node_id"],
  });
}

/** Contracts stand on a node that is to be given back. */
export function rentStillUsed(
  rent: { readonly title: string; readonly nodeId: number; readonly contractId: number },
  holders: readonly Holder[],
): GridError {
  return new GridError({
    code: "TFG_NODE_IN_USE",
    summary: `${rent.title} cannot end yet: ${holders.length} contract(s) stand on node ${rent.nodeId}.`,
    facts: factsOf(holders),
    standing: `The rent, contract ${rent.contractId}, goes on billing, and so do they.`,
    remedy: "end these contracts, then run again.",
  });
}

/** Contracts shown in one message: what matters is whose they are. */
const MAX_SHOWN = 10;

function factsOf(holders: readonly Holder[]): Facts {
  const shown = holders.slice(0, MAX_SHOWN).map(({ contractId, owner }) => [`contract ${contractId}`, owner]);
  const hidden = holders.length - shown.length;
  return { ...Object.fromEntries(shown), ...(hidden > 0 ? { "and more": hidden } : {}) };
}
