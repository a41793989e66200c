import type { LedgerEvent } from "../../ledger";
import { SmartContractModule } from "../pallets/runtime";
import { toContract } from "../runtime/contracts/contract-view";
import type { RuntimeState } from "../runtime/state";
import type { Block } from "./blocks";

/**
 * The change that a block makes in the place of dropped ones: a number is taken that a contract had, and the other services
 * are told how things are without those blocks.
 */
export function undoing(dropped: readonly Block[]): (state: RuntimeState) => void {
  const notes = dropped.flatMap((block) => block.notes);
  return (state) => {
    state.next(SmartContractModule.storage.ContractID);
    const contracts = new Map(notes.flatMap((note) => ("contract" in note ? [[note.contract.contractId, note]] : [])));
    for (const note of contracts.values()) state.note(correctionOf(state, note));
  };
}

function correctionOf(
  state: RuntimeState,
  { kind, contract }: Extract<LedgerEvent, { contract: unknown }>,
): LedgerEvent {
  const record = state.get(SmartContractModule.storage.Contracts, contract.contractId);
  if (record === undefined) {
    return { kind: "contractEnded", contract: { ...contract, state: { kind: "Deleted", cause: "CanceledByUser" } } };
  }
  return { kind: kind === "contractEnded" ? "contractCreated" : "contractUpdated", contract: toContract(record) };
}
