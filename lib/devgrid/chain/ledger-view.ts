import type { Contract } from "../../model/contract";
import type { Twin } from "../../model/twin";
import type { Ledger, LedgerEvent, LedgerFarm, LedgerNode } from "../ledger";
import type { ChainCore } from "./block/chain-core";
import { SmartContractModule, TfgridModule } from "./pallets/runtime";
import type { FarmRecord, NodeRecord, ResourcesRecord, TwinRecord } from "./pallets/tfgrid-types";
import { toContract, toFarmIp } from "./runtime/contracts/contract-view";
import { storeUsedResources } from "./runtime/contracts/reports";
import { Internal } from "./runtime/internal";
import { nodePower } from "./runtime/tfgrid/nodes";

const { Contracts, ActiveRentContractForNode, NodeContractResources, DedicatedNodesExtraFee } =
  SmartContractModule.storage;
const { Twins, Farms, Nodes } = TfgridModule.storage;

/** The chain's state in the words of the model, for the services beside it. */
export abstract class LedgerView implements Ledger {
  protected readonly core: ChainCore;

  protected constructor(core: ChainCore) {
    this.core = core;
  }

  /** Makes the change with the next block. */
  protected abstract change(edit: Parameters<ChainCore["edit"]>[0]): void;

  now(): number {
    return this.core.now();
  }

  getTwin(twinId: number): Twin | undefined {
    const twin = this.core.state.get(Twins, twinId);
    return twin && toTwin(twin);
  }

  listTwins(): readonly Twin[] {
    return this.core.state.store.entries(Twins).map(({ value }) => toTwin(value));
  }

  getFarm(farmId: number): LedgerFarm | undefined {
    const farm = this.core.state.get(Farms, farmId);
    return farm && toFarm(farm);
  }

  listFarms(): readonly LedgerFarm[] {
    return this.core.state.store.entries(Farms).map(({ value }) => toFarm(value));
  }

  getNode(nodeId: number): LedgerNode | undefined {
    const node = this.core.state.get(Nodes, nodeId);
    return node && this.#toNode(node);
  }

  listNodes(): readonly LedgerNode[] {
    return this.core.state.store.entries(Nodes).map(({ value }) => this.#toNode(value));
  }

  getContract(contractId: number): Contract | undefined {
    const contract = this.core.state.get(Contracts, contractId);
    return contract && toContract(contract);
  }

  listContracts(): readonly Contract[] {
    const contracts = this.core.state.store.entries(Contracts).map(({ value }) => toContract(value));
    return contracts.sort((one, other) => one.contractId - other.contractId);
  }

  contractCreatedAt(contractId: number): number {
    return this.core.state.get(Internal.ContractCreatedAt, contractId);
  }

  getUsedResources(contractId: number): ResourcesRecord | undefined {
    const { contract_id, used } = this.core.state.get(NodeContractResources, contractId);
    return contract_id === 0 ? undefined : used;
  }

  reportUsedResources(contractId: number, used: ResourcesRecord): void {
    this.change((state) => {
      // A job may end after its contract did.
      if (state.get(Contracts, contractId)) storeUsedResources(state, contractId, used);
    });
  }

  getRentContractId(nodeId: number): number | undefined {
    return this.core.state.get(ActiveRentContractForNode, nodeId);
  }

  subscribe(listener: (events: readonly LedgerEvent[]) => void): () => void {
    return this.core.listen({
      head: ({ notes }) => {
        if (notes.length > 0) listener(notes);
      },
    });
  }

  #toNode(node: NodeRecord): LedgerNode {
    const { state, target } = nodePower(this.core.state, node.id);
    return {
      nodeId: node.id,
      farmId: node.farm_id,
      twinId: node.twin_id,
      resources: node.resources,
      ...textsOf(node.location),
      publicConfig: toPublicConfig(node.public_config),
      isCertified: node.certification === "Certified",
      power: { state: state.kind, target },
      createdAt: node.created,
      extraFee: this.core.state.get(DedicatedNodesExtraFee, node.id),
    };
  }
}

function toTwin({ id, account_id, relay, pk }: TwinRecord): Twin {
  return {
    twinId: id,
    accountId: Buffer.from(account_id, "hex"),
    relay,
    encryptionKey: pk === undefined ? undefined : Buffer.from(pk, "latin1"),
  };
}

function toFarm(farm: FarmRecord): LedgerFarm {
  return {
    farmId: farm.id,
    name: farm.name,
    twinId: farm.twin_id,
    isDedicated: farm.dedicated_farm,
    isGold: farm.certification === "Gold",
    publicIps: farm.public_ips.map(toFarmIp),
  };
}

function toPublicConfig(config: NodeRecord["public_config"]): LedgerNode["publicConfig"] {
  if (!config) return undefined;
  const { ip4, ip6, domain } = config;
  return { ip4: ip4.ip, gw4: ip4.gw, ip6: ip6?.ip ?? "", gw6: ip6?.gw ?? "", domain: domain ?? "" };
}

function textsOf({ city, country, latitude, longitude }: NodeRecord["location"]) {
  const text = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8");
  return { city: text(city), country: text(country), latitude: text(latitude), longitude: text(longitude) };
}
