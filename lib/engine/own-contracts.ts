import type { ChainClient, DirectoryClient } from "../grid/clients";
import type { NodeContract } from "../model/contract";
import { decodeStamp, type Stamp } from "../model/deployment-data";

/** A contract of the account's twin that carries our stamp. */
export interface StampedContract {
  readonly contractId: number;
  readonly nodeId: number;
  readonly stamp: Stamp;
}

/**
 * The account's contracts as one walk of Terraform sees them: listed once from the directory, confirmed on the chain
 * before anything acts on them.
 */
export class OwnContracts {
  readonly #directory: DirectoryClient;
  readonly #chain: ChainClient;
  readonly #twinId: number;
  #listed: Promise<StampedContract[]> | undefined;

  constructor(directory: DirectoryClient, chain: ChainClient, twinId: number) {
    this.#directory = directory;
    this.#chain = chain;
    this.#twinId = twinId;
  }

  /** Live stamped contracts, as the directory lists them: it lags by up to minutes. */
  async listStamped(signal: AbortSignal): Promise<readonly StampedContract[]> {
    this.#listed ??= this.#load(signal).catch((error) => {
      // A failed listing is forgotten, so that the next object asks again.
      this.#listed = undefined;
      throw error;
    });
    return this.#listed;
  }

  /** Live node contracts with this lineage and role on this node, lowest id first, confirmed on the chain. */
  async findStamped(
    wanted: { readonly lineage: string; readonly role: string; readonly nodeId: number },
    signal: AbortSignal,
  ): Promise<NodeContract[]> {
    const listed = await this.listStamped(signal);
    const ids = listed
      .filter(({ stamp, nodeId }) => matches(stamp, wanted) && nodeId === wanted.nodeId)
      .map(({ contractId }) => contractId);
    if (ids.length === 0) return [];
    const contracts = await this.#chain.getContracts(ids, signal);
    return contracts
      .filter((contract): contract is NodeContract => contract?.kind === "node")
      .filter((contract) => this.#isOurs(contract, wanted))
      .sort((a, b) => a.contractId - b.contractId);
  }

  #isOurs(contract: NodeContract, wanted: { lineage: string; role: string; nodeId: number }): boolean {
    const stamp = decodeStamp(contract.deploymentData);
    return contract.twinId === this.#twinId && contract.nodeId === wanted.nodeId && !!stamp && matches(stamp, wanted);
  }

  async #load(signal: AbortSignal): Promise<StampedContract[]> {
    const contracts = await this.#directory.listContracts(this.#twinId, signal);
    return contracts.flatMap(({ contractId, nodeId, deploymentData }) => {
      const stamp = decodeStamp(deploymentData);
      return stamp ? [{ contractId, nodeId, stamp }] : [];
    });
  }
}

function matches(stamp: Stamp, wanted: { readonly lineage: string; readonly role: string }): boolean {
  return stamp.lineage === wanted.lineage && stamp.role === wanted.role;
}
