import { GridError } from "../../core/errors";
import type { CallContext, PrivateData } from "../resource";
import type { Account } from "../session";

/** On which grid and for whom an object was made. */
export interface Origin {
  /** Chain it lives on. */
  readonly genesis: string;
  /** Twin that owns it. */
  readonly twin: number;
  /** User's word for the network. */
  readonly network: string;
}

/** Where an object that is made now belongs. */
export function originOf({ genesisHash, twinId, network }: Account): Origin & PrivateData {
  return { genesis: genesisHash, twin: twinId, network };
}

/** Reads what Terraform kept beside an object; undefined for objects that have nothing yet. */
export function readOrigin({ genesis, twin, network }: PrivateData): Origin | undefined {
  if (typeof genesis !== "string" || typeof twin !== "number") return undefined;
  return { genesis, twin, network: typeof network === "string" ? network : "" };
}

/**
 * Whether an object's grid and account are the ones in use. On a fresh devgrid everything of the earlier one is gone.
 *
 * @throws {GridError} TFG_OTHER_ACCOUNT for state of another account or network
 */
export function isOnThisGrid(
  origin: Origin,
  account: Account,
  object: { readonly title: string; readonly context: CallContext },
): boolean {
  if (origin.genesis === account.genesisHash && origin.twin === account.twinId) return true;
  const isDevgrid = account.network === "devgrid" && origin.network === "devgrid";
  if (origin.genesis !== account.genesisHash && isDevgrid) {
    object.context.warn(`${object.title} is gone`, "It was made on an earlier devgrid, which no longer exists.");
    return false;
  }
  throw new GridError({
    code: "TFG_OTHER_ACCOUNT",
    summary: `This state belongs to twin ${origin.twin} on ${origin.network || "another network"}.`,
    facts: {
      object: object.title,
      "account here": `twin ${account.twinId} on ${account.network}`,
      "chain in state": origin.genesis,
      "chain here": account.genesisHash,
    },
    standing: "Nothing was changed; what the state describes goes on running and billing.",
    remedy: "use the account and network the state was made with.",
  });
}
