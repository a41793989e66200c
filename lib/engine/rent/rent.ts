import type { Tenancy } from "../../grid/clients";
import type { RentContract } from "../../model/contract";
import { sameStamp } from "../../model/deployment-data";
import { decodeRentNote, type RentNote, rentNoteKey } from "../../model/rent-note";
import type { EngineContext } from "../context";

/** A rent as wanted. */
export interface RentTarget {
  /** The user's word for it in messages: `dedicated node gpu`. */
  readonly title: string;
  /** Project it belongs to. */
  readonly lineage: string;
  /** What it is for in that project: `dedicated_node/gpu`. */
  readonly role: string;
  /** The node. */
  readonly nodeId: number;
}

/** What state remembers of a rent. */
export interface RentRecord {
  readonly contractId: number;
  /** Token of the stamp this state wrote. */
  readonly token: string;
}

/** A rent that stands. */
export interface StandingRent extends RentRecord {
  /** Whether the note names the contract: until it does, a run is not finished. */
  readonly isNoted: boolean;
}

/** The rent of a node as the chain has it now. */
export interface ObservedRent {
  readonly tenancy: Tenancy;
  /** The live rent, anyone's. */
  readonly contract: RentContract | undefined;
  /** What this account noted, about that rent or an earlier one. */
  readonly note: RentNote | undefined;
}

/** Looks at a node that exists. */
export async function observeRent(context: EngineContext, nodeId: number): Promise<ObservedRent> {
  const { chain, signal } = context;
  const [tenancy, note] = await Promise.all([chain.getTenancy(nodeId, signal), getRentNote(context, nodeId)]);
  const { rentContractId } = tenancy;
  const contract = rentContractId === undefined ? undefined : await chain.getContract(rentContractId, signal);
  return { tenancy, contract: contract?.kind === "rent" ? contract : undefined, note };
}

/** What this account noted about the rent of a node. */
export async function getRentNote(context: EngineContext, nodeId: number): Promise<RentNote | undefined> {
  const text = await context.chain.getNote(rentNoteKey(nodeId), context.signal);
  return text === undefined ? undefined : decodeRentNote(text);
}

/**
 * Whether a note is about a contract. One that names none is: it was written together with a rent that did not exist
 * before, so whatever rent there is now is that one or younger.
 */
export function isAbout(note: RentNote | undefined, contractId: number): note is RentNote {
  return note !== undefined && (note.contractId === undefined || note.contractId === contractId);
}

/** How a rent stands to a state that knows its number. */
export type RentOwnership =
  /** The note is the one that this state wrote. */
  | "own"
  /** The account rents the node under that number, and its note is gone: numbers are never given out twice. */
  | "unnoted"
  /** It is another twin's, or noted down for another object or state. */
  | "foreign";

/** Whose a rent is that a state has the number of. */
export function rentOwnership(
  { twinId }: Pick<EngineContext, "twinId">,
  rent: { readonly contract: RentContract; readonly note: RentNote | undefined },
  own: Pick<RentTarget, "lineage" | "role" | "nodeId"> & Pick<RentRecord, "token">,
): RentOwnership {
  const { contract, note } = rent;
  if (contract.twinId !== twinId) return "foreign";
  if (note === undefined) return contract.nodeId === own.nodeId ? "unnoted" : "foreign";
  return isAbout(note, contract.contractId) && isOwnNote(note, own) ? "own" : "foreign";
}

/** Whether the note is the very one that a state wrote. */
export function isOwnNote(
  note: RentNote | undefined,
  own: Pick<RentTarget, "lineage" | "role"> & Pick<RentRecord, "token">,
): note is RentNote {
  return note !== undefined && sameStamp(note.stamp, { lineage: own.lineage, role: own.role, token: own.token });
}
