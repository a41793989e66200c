import { GridError } from "../../../core/errors";
import type { ContractCall } from "../../../model/call";
import { asBytes, asNumber, asStruct, asVariant } from "../read/codec-json";
import type { RuntimeCodecs } from "../runtime-codecs";

/** Why the runtime refused a call. */
export interface Refusal {
  /** The pallet's own name for it, or the kind of dispatch error: `NodeNotAvailableToDeploy`, `BadOrigin`. */
  readonly error: string;
  /** Pallet in camel case; undefined for errors of the runtime itself. */
  readonly pallet: string | undefined;
}

const lookUpId = "check the id and the network: it may have ended or never existed.";
const publicIps = "choose a farm with enough free public IPv4, or ask for fewer.";
const provider = "correct or drop the solution provider id.";
const nameRule = "choose a name of 3 to 64 characters from a-z 0-9 - _.";
const report = "try again; if it stays, report it to the grid's operators with the ids above.";

/** What to do about the refusals a deployer can meet. @source tfchain pallet-smart-contract and pallet-tfgrid, errors */
const remedies: Readonly<Record<string, string>> = {
  TwinNotExists: "create the twin of this account first; check the key type and the network.",
  NodeNotExists: "check the node id and the network: the node may have been deleted.",
  FarmNotExists: "choose another node: the farm of this one is gone.",
  FarmHasNotEnoughPublicIPs: publicIps,
  FarmHasNotEnoughPublicIPsFree: publicIps,
  FailedToReserveIP: report,
  FailedToFreeIPs: report,
  ContractNotExists: lookUpId,
  TwinNotAuthorizedToUpdateContract: "use the account that made the contract.",
  TwinNotAuthorizedToCancelContract: "use the account that made the contract.",
  PricingPolicyNotExists: report,
  ContractIsNotUnique:
    "adopt the identical deployment that is live on this node, or change this one's name or metadata.",
  NameExists: "choose another name: this one is taken on the whole network.",
  NameNotValid: nameRule,
  NameContractNameTooShort: nameRule,
  NameContractNameTooLong: nameRule,
  InvalidContractType: "check the contract id: it is a contract of another kind.",
  NodeHasActiveContracts: "delete the deployments on this node first, everybody's, then the rent.",
  NodeHasRentContract: "choose another node: this one is already rented.",
  NodeNotAvailableToDeploy:
    "choose another node, or rent this one when it is dedicated and nobody's; one that stands by must be woken first.",
  CannotUpdateContractInGraceState:
    "top up the account, wait for the next hourly bill (or trigger one), then run again.",
  InvalidProviderConfiguration: provider,
  NoSuchSolutionProvider: provider,
  SolutionProviderNotApproved: provider,
  UnauthorizedToChangeSolutionProviderId: provider,
  RewardDistributionError: report,
  ContractPaymentStateNotExists: report,
  OnlyTwinAdminCanDeployOnThisNode: "choose another node: this one is leaving this version of the grid.",
  UserDidNotSignTermsAndConditions: "accept the terms and conditions of the grid first.",
  TwinWithPubkeyExists: "use the twin this account already has.",
  FundsUnavailable: "top up the account.",
  LiquidityRestrictions: "top up the account: what it has is held for its contracts.",
  TooManyCalls: "report this: the batch should have been smaller.",
  NoValueStored: "run again: the note is gone already.",
  BadOrigin: "nothing here may be done by an ordinary account; report this.",
};

/** Reads a dispatch error as events carry it, naming it from the metadata of the runtime that raised it. */
export function decodeRefusal(registry: RuntimeCodecs["registry"], json: unknown): Refusal {
  const [kind, content] = asVariant(json, "dispatch error");
  if (kind === "module") {
    const { index, error } = asStruct(content, "module error");
    // Four bytes, of which the first numbers the error and the others belong to nested errors.
    const [number = 0] = asBytes(error, "module error");
    const meta = registry.findMetaError(Uint8Array.of(asNumber(index, "pallet index"), number));
    return { error: meta.name, pallet: meta.section };
  }
  const name = content === null ? kind : asVariant(content, "dispatch error")[0];
  return { error: name.charAt(0).toUpperCase() + name.slice(1), pallet: undefined };
}

/** The error for calls that the chain looked at and refused. They had no effect; their neighbours are not touched. */
export function chainRefused(calls: readonly ContractCall[], refusal: Refusal): GridError {
  return new GridError({
    code: "TFG_CHAIN_REFUSED",
    summary: `The chain refused ${calls.map(describe).join(" together with ")}: ${refusal.error}.`,
    facts: { error: refusal.error, pallet: refusal.pallet },
    standing: `${calls.length > 1 ? "None of these calls had any" : "The call had no"} effect; only the fee of the transaction was paid.`,
    remedy:
      remedies[refusal.error] ?? "look the error up in the chain's documentation, or report it with the ids above.",
  });
}

/** A call in words, for messages. */
export function describe(call: ContractCall): string {
  switch (call.kind) {
    case "createNodeContract":
      return `a node contract on node ${call.nodeId}`;
    case "updateNodeContract":
      return `the update of contract ${call.contractId}`;
    case "createNameContract":
      return `the name contract "${call.name}"`;
    case "createRentContract":
      return `the rent of node ${call.nodeId}`;
    case "cancelContract":
      return `the cancellation of contract ${call.contractId}`;
    case "setNote":
      return `the note "${call.key}"`;
    case "deleteNote":
      return `the removal of note "${call.key}"`;
  }
}
