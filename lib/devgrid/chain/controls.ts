import { decodeAddress } from "@polkadot/util-crypto";
import { GridError } from "../../core/errors";
import type { Edit } from "./block/chain-core";
import { relayText } from "./genesis";
import { type RuntimeCall, SmartContractModule, System, TfgridModule } from "./pallets/runtime";
import { startGrace } from "./runtime/contracts/billing";
import { endContract } from "./runtime/contracts/contract-end";
import { toContract } from "./runtime/contracts/contract-view";
import { dispatch } from "./runtime/dispatch";
import { Internal } from "./runtime/internal";
import { issue } from "./runtime/money";
import type { RuntimeState } from "./runtime/state";
import { setPower } from "./runtime/tfgrid/nodes";
import { freeIps } from "./runtime/tfgrid/public-ips";
import { saveTwin } from "./runtime/tfgrid/twins";

/** Changes that no call of the chain can make; each works on the state of the block it is made in. */

const { Contracts, ContractIDByNodeIDAndHash, ActiveNodeContracts } = SmartContractModule.storage;

/** Gives every twin this relay that has none or still has the last one given. */
export function changeRelay(url: string): Edit {
  const relay = relayText(url);
  return (state) => {
    const last = state.get(Internal.RelayText);
    state.set(Internal.RelayText, relay);
    for (const { value: twin } of state.store.entries(TfgridModule.storage.Twins)) {
      const isOurs = twin.relay === undefined || twin.relay === last;
      if (isOurs && twin.relay !== relay) saveTwin(state, { ...twin, relay });
    }
  };
}

/** Moves a contract to where unpaid bills would bring it. */
export function changeContract(contractId: number, to: "grace" | "outOfFunds"): Edit {
  return (state) => {
    const contract = requireContract(state, contractId);
    if (to === "grace") startGrace(state, contract);
    else endContract(state, contract, "OutOfFunds");
  };
}

/** Moves a node contract to another node. */
export function migrateContract(contractId: number, nodeId: number): Edit {
  return (state) => {
    const contract = requireContract(state, contractId);
    const type = contract.contract_type;
    if (type.kind !== "NodeContract") throw notThere(`node contract ${contractId}`);
    if (!state.get(TfgridModule.storage.Nodes, nodeId)) throw notThere(`node ${nodeId}`);
    const { node_id: from, deployment_hash: hash } = type.value;
    state.remove(ContractIDByNodeIDAndHash, from, hash);
    state.set(ContractIDByNodeIDAndHash, contractId, nodeId, hash);
    state.set(
      ActiveNodeContracts,
      state.get(ActiveNodeContracts, from).filter((id) => id !== contractId),
      from,
    );
    state.set(ActiveNodeContracts, [...state.get(ActiveNodeContracts, nodeId), contractId], nodeId);
    const moved = { ...contract, contract_type: { ...type, value: { ...type.value, node_id: nodeId } } };
    state.set(Contracts, moved, contractId);
    state.emit(SmartContractModule, "ContractUpdated", [moved]);
    state.note({ kind: "contractUpdated", contract: toContract(moved) });
  };
}

/** Takes the public IPv4 of a contract away and lets its farm give them to others. */
export function takeAddresses(contractId: number): Edit {
  return (state) => {
    const contract = requireContract(state, contractId);
    const type = contract.contract_type;
    if (type.kind !== "NodeContract") throw notThere(`node contract ${contractId}`);
    const farmId = state.get(TfgridModule.storage.Nodes, type.value.node_id)?.farm_id ?? 0;
    const freed = freeIps(state, farmId, contractId);
    const left = { ...contract, contract_type: { ...type, value: { ...type.value, public_ips_list: [] } } };
    state.set(Contracts, left, contractId);
    state.emit(SmartContractModule, "IPsFreed", { contract_id: contractId, public_ips: freed });
    state.emit(SmartContractModule, "ContractUpdated", [left]);
    state.note({ kind: "contractUpdated", contract: toContract(left) });
  };
}

/** Makes a call as an account does with another client: its nonce goes on. Free of charge. */
export function callAs(account: string, call: RuntimeCall): Edit {
  return (state) => {
    dispatch(state, { account, isInsideBatchAll: false }, call);
    const info = state.get(System.storage.Account, account);
    state.set(System.storage.Account, { ...info, nonce: info.nonce + 1 }, account);
  };
}

/** Switches a node. */
export function changeNodePower(
  nodeId: number,
  power: { readonly state?: "Up" | "Down"; readonly target?: "Up" | "Down" },
): Edit {
  return (state) => {
    const node = state.get(TfgridModule.storage.Nodes, nodeId);
    if (!node) throw notThere(`node ${nodeId}`);
    const down = { kind: "Down", value: state.blockNumber } as const;
    setPower(state, node, {
      ...(power.state && { state: power.state === "Down" ? down : { kind: "Up" } }),
      ...(power.target && { target: power.target }),
    });
  };
}

/** Sets the free balance of an account. */
export function setFreeBalance(account: string, free: bigint): Edit {
  const id = /^(0x)?[0-9a-f]{64}$/.test(account)
    ? account.replace("0x", "")
    : Buffer.from(decodeAddress(account)).toString("hex");
  return (state) => {
    const info = state.get(System.storage.Account, id);
    issue(state, free - info.data.free);
    const providers = Math.max(1, info.providers);
    state.set(System.storage.Account, { ...info, providers, data: { ...info.data, free } }, id);
  };
}

function requireContract(state: RuntimeState, contractId: number) {
  const contract = state.get(Contracts, contractId);
  if (!contract) throw notThere(`contract ${contractId}`);
  return contract;
}

/** Refuses to move time by this much. */
export function badTravel(ms: number): GridError {
  return new GridError({
    code: "TFG_DEVGRID_CONTROL",
    summary: "Time moves ahead only, and by five years at the most.",
    facts: { "milliseconds given": ms },
    standing: "Nothing was changed.",
    remedy: "give a number of milliseconds from 0 to 157 680 000 000.",
  });
}

function notThere(what: string): GridError {
  return new GridError({
    code: "TFG_DEVGRID_CONTROL",
    summary: `This devgrid has no ${what}.`,
    standing: "Nothing was changed.",
    remedy: "list what there is first; contracts vanish when they end.",
  });
}
