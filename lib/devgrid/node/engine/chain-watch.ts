import type { Contract } from "../../../model/contract";
import { parseWorkload } from "../../../model/deployment";
import type { LedgerEvent } from "../../ledger";
import { nameContractProblem } from "../primitives/gateway";
import { currentsOf, type DeploymentRecord, isOkay } from "./deployment-store";
import type { NodeParts } from "./node-parts";
import type { ProvisionEngine } from "./provision-engine";
import { uninstallWorkload } from "./workload-life";

/** How often a node compares what it has with the chain, whatever it has heard meanwhile. @source facts "node-api" §4 */
const COMPARE_MS = 3_600_000;

/** Follows what the chain says about the contracts of a node, and catches up after an absence. */
export class ChainWatch {
  readonly #parts: NodeParts;
  readonly #engine: ProvisionEngine;
  #unsubscribe: (() => void) | undefined;
  #comparedAt = 0;

  constructor(parts: NodeParts, engine: ProvisionEngine) {
    this.#parts = parts;
    this.#engine = engine;
    this.start();
  }

  /** Compares every deployment with its contract, then listens. */
  start(): void {
    this.#unsubscribe ??= this.#parts.ledger.subscribe((events) => {
      for (const event of events) this.#react(event);
    });
    this.#compare();
  }

  /** Compares again when the last time was an hour ago: a message for a contract that had ended leaves what nobody else ends. */
  compareHourly(): void {
    if (this.#parts.ledger.now() - this.#comparedAt >= COMPARE_MS) this.#compare();
  }

  /** Stops listening. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  #compare(): void {
    this.#comparedAt = this.#parts.ledger.now();
    for (const record of this.#parts.store.list()) this.#catchUp(record);
    this.#checkGateways();
  }

  #react(event: LedgerEvent): void {
    switch (event.kind) {
      case "contractEnded":
        if (event.contract.kind === "name") this.#checkGateways();
        else this.#queue(event.contract.contractId, "deprovision");
        break;
      case "contractUpdated":
        if (this.#isElsewhere(event.contract)) this.#queue(event.contract.contractId, "deprovision");
        break;
      case "graceStarted":
        this.#queue(event.contractId, "pause");
        break;
      case "graceEnded":
        this.#queue(event.contractId, "resume");
        break;
      default:
    }
  }

  #catchUp(record: DeploymentRecord): void {
    const contract = this.#parts.ledger.getContract(record.contractId);
    const states = currentsOf(record).map((workload) => workload.result.state);
    const isPending = this.#engine.jobs.some((job) => job.contractId === record.contractId);
    const isInGrace = contract?.state.kind === "GracePeriod";
    if (!contract || this.#isElsewhere(contract)) this.#queue(record.contractId, "deprovision");
    else if (isInGrace && (isPending || states.includes("ok"))) this.#queue(record.contractId, "pause");
    else if (!isInGrace && states.includes("paused")) this.#queue(record.contractId, "resume");
  }

  /** The council may move a contract to another node: what is here is then nobody's. */
  #isElsewhere(contract: Contract): boolean {
    return contract.kind === "node" && contract.nodeId !== this.#parts.nodeId;
  }

  #queue(contractId: number, kind: "deprovision" | "pause" | "resume"): void {
    const record = this.#parts.store.byContract(contractId);
    if (record) this.#engine.enqueue({ kind, twinId: record.twinId, contractId });
  }

  /** Takes down gateways whose name contract is gone or someone else's. */
  #checkGateways(): void {
    for (const record of this.#parts.store.list()) {
      for (const entry of currentsOf(record).filter(isOkay)) {
        if (entry.type !== "gateway-name-proxy") continue;
        const workload = parseWorkload(entry, entry.name);
        if (workload.type !== entry.type) continue;
        const problem = nameContractProblem(this.#parts.runtime, workload.data.name, record.twinId);
        const reason = `workload decommissioned by system, reason: ${problem}`;
        const site = { record, contract: undefined, isRented: false };
        if (problem) uninstallWorkload(this.#parts, site, entry.name, reason);
      }
    }
  }
}
