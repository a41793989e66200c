/** What a refresh finds of the name contract that some objects have beside their node contract. */
import { getArrears, wayOut } from "../../engine/arrears";
import type { NameContract } from "../../model/contract";
import type { CallContext } from "../resource";
import type { ObjectValue } from "../schema/value";
import type { Account } from "../session";
import { contractNumber } from "./contract-number";

/** The object that is refreshed. */
interface Refreshed {
  readonly title: string;
  readonly account: Account;
  readonly context: CallContext;
}

/**
 * State of an object whose node contract has ended: gone, unless its name is still reserved. Then it stays, without a
 * contract, so that the next apply brings it up again under that name, and a destroy frees it.
 */
export async function withNameAlone(state: ObjectValue, object: Refreshed): Promise<ObjectValue | null> {
  const nameContractId = contractNumber(state.name_contract_id);
  if (nameContractId === undefined || !(await getReserved(nameContractId, object))) return null;
  object.context.warn(
    `${object.title} has ended, its name is still reserved`,
    `Name contract ${nameContractId} goes on billing. The next apply brings it up again under that name.`,
  );
  return { ...state, contract_id: null, stamp: null, deployment_hash: null, status: "absent" };
}

/** State of an object that stands: without its name no node serves it. */
export async function withNameChecked(state: ObjectValue, object: Refreshed): Promise<ObjectValue> {
  const nameContractId = contractNumber(state.name_contract_id);
  if (nameContractId === undefined) return state;
  const contract = await getReserved(nameContractId, object);
  if (contract) {
    if (contract.state.kind === "GracePeriod") await warnOfGrace(contract, object);
    return state;
  }
  const anew = await findReservedAnew(state, object);
  if (anew !== undefined) {
    object.context.warn(
      `${object.title}: contract ${anew} reserves its name now`,
      `Name contract ${nameContractId} has ended, and this account has another for the name, as a run makes that is interrupted. It is taken into state, and ends with the object.`,
    );
    return { ...state, name_contract_id: String(anew) };
  }
  object.context.warn(
    `${object.title}: its name is no longer reserved`,
    `Name contract ${nameContractId} has ended. The next apply reserves the name again, if nobody else has it.`,
  );
  return { ...state, status: "absent" };
}

/** The name stays reserved until the grace period is over: nothing is planned for that. */
async function warnOfGrace(contract: NameContract, { title, context }: Refreshed): Promise<void> {
  const arrears = await getArrears(await context.session.engine(context), contract);
  context.warn(
    `${title}: its name is unpaid`,
    `Name contract ${contract.contractId} is in its grace period. ${wayOut(arrears)} The name is lost 14 days after the grace period began.`,
  );
}

/** The account's other contract for the name of an object that stands: an apply, too, goes on with it. */
async function findReservedAnew({ name }: ObjectValue, object: Refreshed): Promise<number | undefined> {
  if (typeof name !== "string") return undefined;
  const { chain, signal } = await object.context.session.engine(object.context);
  const contractId = await chain.getContractIdByName(name, signal);
  return contractId === undefined ? undefined : (await getReserved(contractId, object))?.contractId;
}

async function getReserved(nameContractId: number, { account, context }: Refreshed): Promise<NameContract | undefined> {
  const contract = await context.session.getContract(nameContractId, context.signal);
  return contract?.kind === "name" && contract.twinId === account.twinId ? contract : undefined;
}
