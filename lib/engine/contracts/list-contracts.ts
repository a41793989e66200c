import type { Contract } from "../../model/contract";
import { decodeStamp, type Stamp } from "../../model/deployment-data";
import type { EngineContext } from "../context";
import { type LooseDeployment, listOwnDeployments } from "../node/own-deployments";
import { getRentNote, isAbout } from "../rent/rent";

/** A live contract of the account, and whose it is. */
export interface ListedContract {
  readonly contract: Contract;
  /** What our stamp says; undefined for what other clients made, and for name contracts, which carry nothing. */
  readonly stamp: Stamp | undefined;
}

/** What nodes say they run for the account, by node; undefined for one that did not answer. */
export type NodeAnswers = ReadonlyMap<number, readonly LooseDeployment[] | undefined>;

/**
 * The account's live contracts, lowest number first: those the directory lists, confirmed on the chain. The directory lags, so
 * one that was made within the last minutes may be missing.
 */
export async function listContracts(context: EngineContext): Promise<readonly ListedContract[]> {
  const { directory, chain, twinId, signal } = context;
  const listed = await directory.listContracts(twinId, signal);
  const contracts = await chain.getContracts(
    listed.map(({ contractId }) => contractId),
    signal,
  );
  const own = contracts.filter((contract) => contract !== undefined).filter((contract) => contract.twinId === twinId);
  const stamped = await Promise.all(
    own.map(async (contract) => ({ contract, stamp: await stampOf(context, contract) })),
  );
  return stamped.sort((a, b) => a.contract.contractId - b.contract.contractId);
}

async function stampOf(context: EngineContext, contract: Contract): Promise<Stamp | undefined> {
  if (contract.kind === "node") return decodeStamp(contract.deploymentData);
  if (contract.kind === "name") return undefined;
  const note = await getRentNote(context, contract.nodeId);
  return isAbout(note, contract.contractId) ? note.stamp : undefined;
}

/** Asks every node that should run something what it runs. */
export async function askNodes(context: EngineContext, contracts: readonly ListedContract[]): Promise<NodeAnswers> {
  const nodeIds = new Set(contracts.flatMap(({ contract }) => (contract.kind === "node" ? [contract.nodeId] : [])));
  const answers = [...nodeIds].map(async (nodeId): Promise<[number, readonly LooseDeployment[] | undefined]> => {
    try {
      const node = await context.chain.getNode(nodeId, context.signal);
      return [nodeId, node && (await listOwnDeployments(context, node.twinId))];
    } catch (error) {
      if (context.signal.aborted) throw error;
      context.log("warn", "node not asked", { node: nodeId, reason: String(error) });
      return [nodeId, undefined];
    }
  });
  return new Map(await Promise.all(answers));
}
