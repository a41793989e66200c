import { TfgridModule } from "../../pallets/runtime";
import type { TwinRecord } from "../../pallets/tfgrid-types";
import { raise, required } from "../failure";
import type { Handlers } from "../handlers";
import type { RuntimeState } from "../state";

const { storage } = TfgridModule;

/** Twins and the terms they accept. @source tfchain pallet-tfgrid, spec 149 */
export const twinHandlers: Handlers<typeof TfgridModule> = {
  user_accept_tc: (state, account, { document_link, document_hash }) => {
    if (document_link === "") raise(TfgridModule, "DocumentLinkInputTooShort");
    if (!/^[\x21-\x7e]+$/.test(document_link)) raise(TfgridModule, "InvalidDocumentLinkInput");
    if (document_hash === "") raise(TfgridModule, "DocumentHashInputTooShort");
    if (!/^[A-Za-z0-9_-]+$/.test(document_hash)) raise(TfgridModule, "InvalidDocumentHashInput");
    const accepted = state.get(storage.UsersTermsAndConditions, account) ?? [];
    const entry = { account_id: account, timestamp: state.nowSeconds, document_link, document_hash };
    state.set(storage.UsersTermsAndConditions, [...accepted, entry], account);
  },
  create_twin: (state, account, { relay, pk }) => {
    if (!state.get(storage.UsersTermsAndConditions, account)) raise(TfgridModule, "UserDidNotSignTermsAndConditions");
    if (state.get(storage.TwinIdByAccountID, account) !== undefined) raise(TfgridModule, "TwinWithPubkeyExists");
    checkRelay(relay);
    createTwin(state, { account, relay, pk });
  },
  update_twin: (state, account, { relay, pk }) => {
    const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
    checkRelay(relay);
    saveTwin(state, { ...twin, relay, pk });
  },
  bond_twin_account: (state, account, { twin_id }) => {
    const twin = required(state.get(storage.Twins, twin_id), TfgridModule, "TwinNotExists");
    if (twin.account_id === account) raise(TfgridModule, "TwinCannotBoundToItself");
    state.set(storage.TwinBoundedAccountID, account, twin_id);
    state.emit(TfgridModule, "TwinAccountBounded", [twin_id, account]);
  },
};

/** The twin of an account. */
export function twinOf(state: RuntimeState, account: string): TwinRecord | undefined {
  const twinId = state.get(storage.TwinIdByAccountID, account);
  return twinId === undefined ? undefined : state.get(storage.Twins, twinId);
}

/** Makes the twin of an account; what a twin must fulfil is checked by the call. */
export function createTwin(
  state: RuntimeState,
  { account, relay, pk }: { account: string; relay: string | undefined; pk: string | undefined },
): number {
  const id = state.next(storage.TwinID);
  const twin = { id, account_id: account, relay, entities: [], pk };
  state.set(storage.Twins, twin, id);
  state.set(storage.TwinIdByAccountID, id, account);
  state.emit(TfgridModule, "TwinStored", [twin]);
  state.note({ kind: "twinChanged", twinId: id });
  return id;
}

/** Stores a changed twin. */
export function saveTwin(state: RuntimeState, twin: TwinRecord): void {
  state.set(storage.Twins, twin, twin.id);
  state.emit(TfgridModule, "TwinUpdated", [twin]);
  state.note({ kind: "twinChanged", twinId: twin.id });
}

/** A first label of one character is refused, too. The real chain refuses `:` and `/`; here they let clients use relays such as `ws://127.0.0.1:9102`. */
function checkRelay(relay: string | undefined): void {
  if (relay === undefined) return;
  const isValid = /^[A-Za-z0-9._:/-]+$/.test(relay) && !/^\.|\.$|\.\.|^.\./.test(relay);
  if (!isValid) raise(TfgridModule, "InvalidRelayAddress");
}
