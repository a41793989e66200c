/** What keeps a contract in its grace period: the amount that ends it. */
import { messageOf } from "../core/errors";
import { formatTft } from "../core/units";
import type { Contract } from "../model/contract";
import type { EngineContext } from "./context";

/** What is owed, and what there is to pay it with, in chain units. */
export interface Arrears {
  /** What bills found no money for. Until the next bill somewhat more adds up. */
  readonly overdue: bigint;
  /** What the account may spend. */
  readonly usable: bigint;
  /** Where to send TFT. */
  readonly address: string;
}

/** Reads what a contract in grace owes; undefined when the chain does not tell. What is owed never keeps anything else from being read. */
export async function getArrears(
  { chain, signal, log }: Pick<EngineContext, "chain" | "signal" | "log">,
  contract: Contract,
): Promise<Arrears | undefined> {
  try {
    const [own, ofRent, { usable }] = await Promise.all([
      chain.getOverdraft(contract.contractId, signal),
      rentOverdraft({ chain, signal }, contract),
      chain.getBalance(signal),
    ]);
    if (own === undefined) return undefined;
    return { overdue: own + ofRent, usable, address: chain.account.address };
  } catch (error) {
    if (signal.aborted) throw error;
    log("warn", "arrears not read", { contract: contract.contractId, reason: messageOf(error) });
    return undefined;
  }
}

/** A rent that is unpaid drags what runs on its node along. */
async function rentOverdraft(
  { chain, signal }: Pick<EngineContext, "chain" | "signal">,
  contract: Contract,
): Promise<bigint> {
  if (contract.kind !== "node") return 0n;
  const rent = await chain.getRentContractId(contract.nodeId, signal);
  return rent === undefined ? 0n : ((await chain.getOverdraft(rent, signal)) ?? 0n);
}

/** How a grace period ends, in one sentence: with the amount where it is known. */
export function wayOut(arrears: Arrears | undefined): string {
  if (!arrears) return "Send TFT to the account: it resumes with the next bill, within the hour.";
  const { overdue, usable, address } = arrears;
  const paid = `${formatTft(overdue)} are overdue and the account has ${formatTft(usable)}`;
  if (usable > overdue) return `${paid}: it resumes with the next bill, within the hour, if that is paid as well.`;
  return `${paid}: send more than ${formatTft(overdue - usable)} to ${address}, and it resumes with the next bill, within the hour.`;
}
