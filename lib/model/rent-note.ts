/**
 * The stamp of a rented node. A rent contract has no text of its own, so its stamp is a public note of the account, written
 * and deleted in one transaction with the contract.
 */
import { decodeStampFields, type Stamp, stampFields } from "./deployment-data";

/** What the account noted about a rent. */
export interface RentNote {
  /** Whose the rent is. */
  readonly stamp: Stamp;
  /**
   * The contract it is about. Undefined from the moment both are made until the number is known: then it can only be about
   * a rent that is no older than the note.
   */
  readonly contractId: number | undefined;
}

/** Key of the note about the rent of a node. A node has one rent at most. */
export function rentNoteKey(nodeId: number): string {
  return `cdktf/rent/${nodeId}`;
}

/** Writes a note: compact JSON with the keys of a contract's stamp. */
export function encodeRentNote({ stamp, contractId }: RentNote): string {
  return JSON.stringify({ ...stampFields(stamp), c: contractId });
}

/** Reads a note; undefined for a text that is none of ours. */
export function decodeRentNote(text: string): RentNote | undefined {
  const fields = parsed(text);
  const stamp = decodeStampFields(fields);
  if (!stamp) return undefined;
  const contractId = typeof fields === "object" && fields !== null && "c" in fields ? fields.c : undefined;
  return { stamp, contractId: typeof contractId === "number" ? contractId : undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Any client of the account may write any note: text that is no JSON is simply none of ours.
    return undefined;
  }
}
