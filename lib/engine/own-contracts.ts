import type { ChainClient, DirectoryClient } from "../grid/clients";
import type { NodeContract } from "../model/contract";
import { decodeStamp, type Stamp } from "../model/deployment-data";

/** A contract of the account's twin that carries our stamp. */
export interface StampedContract {
  readonly contractId: number;
  readonly nodeId: number;
  readonly stamp: Stamp;
}

/** The account's contracts as one walk of Terraform sees them. */
export class OwnContracts {
  readonly #directory: DirectoryClient;
  readonly #chain: ChainClient;
  readonly #twinId: number;
  readonly #busy = new Map<number, Promise<unknown>>();
  readonly #onNode = new Map<number, Promise<NodeContract[]>>();
  readonly #names = new Map<number, number>();
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

  /**
   * Live node contracts that were made for this very object, lowest id first. Read from the chain alone: the directory
   * lags, and what a run that was killed a moment ago has made must be found.
   */
  async findStamped(
    wanted: { readonly lineage: string; readonly role: string; readonly nodeId: number; readonly publicIps: number },
    signal: AbortSignal,
  ): Promise<NodeContract[]> {
    const contracts = await this.#loadOnNode(wanted.nodeId, signal);
    return contracts.filter(({ deploymentData, publicIps }) => {
      const stamp = decodeStamp(deploymentData);
      return stamp?.lineage === wanted.lineage && stamp.role === wanted.role && publicIps === wanted.publicIps;
    });
  }

  /**
   * Live contracts that were made for this very object, wherever they are, as the directory lists and the chain confirms
   * them: what a run whose state was lost has left elsewhere.
   */
  async findElsewhere(
    wanted: { readonly lineage: string; readonly role: string },
    signal: AbortSignal,
  ): Promise<NodeContract[]> {
    const isWanted = (stamp: Stamp | undefined) => stamp?.lineage === wanted.lineage && stamp.role === wanted.role;
    const listed = (await this.listStamped(signal)).filter(({ stamp }) => isWanted(stamp));
    const contracts = await this.#chain.getContracts(
      listed.map(({ contractId }) => contractId),
      signal,
    );
    return contracts.filter(
      (contract): contract is NodeContract =>
        contract?.kind === "node" && isWanted(decodeStamp(contract.deploymentData)),
    );
  }

  /** Runs works on one contract one after the other: taking it over and ending it must not overlap. */
  async exclusively<T>(contractId: number, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(contractId) ?? Promise.resolve();
    const turn = before.then(work);
    this.#busy.set(
      contractId,
      turn.catch(() => undefined), // Whoever started it is told; the next one only waits.
    );
    return turn;
  }

  /** Remembers for this walk which name contract goes with a node contract. */
  noteName(contractId: number, nameContractId: number | undefined): void {
    if (nameContractId !== undefined) this.#names.set(contractId, nameContractId);
  }

  /** The name contract that goes with a node contract, when this walk has seen to that. */
  nameOf(contractId: number): number | undefined {
    return this.#names.get(contractId);
  }

  /** The node contract that this walk has put behind a name. */
  holderOf(nameContractId: number): number | undefined {
    return [...this.#names].find(([, name]) => name === nameContractId)?.[0];
  }

  /** The twin's contracts on a node when this walk first asked: what it makes itself, it need not find. */
  #loadOnNode(nodeId: number, signal: AbortSignal): Promise<NodeContract[]> {
    const known = this.#onNode.get(nodeId);
    if (known) return known;
    const loading = this.#readNode(nodeId, signal);
    this.#onNode.set(nodeId, loading);
    // A failed reading is forgotten, so that the next object asks again.
    loading.catch(() => this.#onNode.delete(nodeId));
    return loading;
  }

  async #readNode(nodeId: number, signal: AbortSignal): Promise<NodeContract[]> {
    await this.#chain.settleEarlier(signal);
    const ids = await this.#chain.getNodeContractIds(nodeId, signal);
    const contracts = await this.#chain.getContracts(ids, signal);
    return contracts
      .filter((contract): contract is NodeContract => contract?.kind === "node" && contract.twinId === this.#twinId)
      .sort((a, b) => a.contractId - b.contractId);
  }

  async #load(signal: AbortSignal): Promise<StampedContract[]> {
    const contracts = await this.#directory.listContracts(this.#twinId, signal);
    return contracts.flatMap(({ contractId, nodeId, deploymentData }) => {
      const stamp = decodeStamp(deploymentData);
      return stamp ? [{ contractId, nodeId, stamp }] : [];
    });
  }
}
