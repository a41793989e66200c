import { SmartContractModule } from "../../pallets/runtime";
import { raise, required } from "../failure";
import type { Handlers } from "../handlers";
import type { RuntimeState } from "../state";
import { twinOf } from "../tfgrid/twins";

const { storage } = SmartContractModule;

/** Those who earn a share of what their solution spends. Approval is the council's, which devgrid has none of. */
export const solutionProviderHandlers: Handlers<typeof SmartContractModule> = {
  create_solution_provider: (state, _account, { description, link, providers }) => {
    const take = providers.reduce((sum, one) => sum + one.take, 0);
    if (take > 50) raise(SmartContractModule, "InvalidProviderConfiguration");
    const id = state.next(storage.SolutionProviderID);
    const provider = { solution_provider_id: id, providers, description, link, approved: false };
    state.set(storage.SolutionProviders, provider, id);
    state.emit(SmartContractModule, "SolutionProviderCreated", [provider]);
  },
  attach_solution_provider_id: (state, account, { contract_id, solution_provider_id }) => {
    checkSolutionProvider(state, solution_provider_id);
    const contract = required(state.get(storage.Contracts, contract_id), SmartContractModule, "ContractNotExists");
    const twin = required(twinOf(state, account), SmartContractModule, "TwinNotExists");
    const mayAttach = contract.twin_id === twin.id && contract.solution_provider_id === undefined;
    if (!mayAttach) raise(SmartContractModule, "UnauthorizedToChangeSolutionProviderId");
    const updated = { ...contract, solution_provider_id };
    state.set(storage.Contracts, updated, contract_id);
    state.emit(SmartContractModule, "ContractUpdated", [updated]);
  },
};

/** Fails unless the provider named, if any, exists and is approved. */
export function checkSolutionProvider(state: RuntimeState, id: number | undefined): void {
  if (id === undefined) return;
  const provider = required(state.get(storage.SolutionProviders, id), SmartContractModule, "NoSuchSolutionProvider");
  if (!provider.approved) raise(SmartContractModule, "SolutionProviderNotApproved");
}
