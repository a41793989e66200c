import { GridError, hasCode } from "../core/errors";
import type { NameContract } from "../model/contract";
import { decodeLabelName } from "../model/deployment-data";
import { isChainRefusal } from "./cancel-contract";
import type { EngineContext } from "./context";
import type { DeploymentTarget, Reservation } from "./deployment-target";
import { contractGone } from "./errors";
import { submit, whyDropped } from "./submit";
import type { Work } from "./work";

/** What a name is wanted for. */
type Claim = Pick<DeploymentTarget, "title" | "lineage" | "role"> & { readonly reservation: Reservation };

/**
 * Finds the contract that reserves a name for a deployment; undefined when the name is free. A name contract says nothing
 * of what it is for, so it is ours only when state knows it, or when a contract with our stamp stands that it was made
 * together with: such a contract has the name in its label.
 *
 * @param stamped public texts of contracts with our stamp on the deployment's node
 * @throws {GridError} TFG_NAME_TAKEN; TFG_CONTRACT_GONE when the plan counted on a contract that has ended
 */
export async function findNameContract(
  context: EngineContext,
  claim: Claim,
  stamped: readonly string[],
): Promise<number | undefined> {
  const { reservation } = claim;
  const holder = await getNameContract(context, reservation.name);
  if (reservation.plannedId !== undefined && holder?.contractId !== reservation.plannedId) {
    throw contractGone(`${claim.title}, which reserves its name,`, reservation.plannedId);
  }
  if (!holder) return undefined;
  if (holder.twinId !== context.twinId) throw nameTaken(claim, `twin ${holder.twinId}`);
  const isOurs =
    holder.contractId === reservation.knownId ||
    stamped.some((text) => decodeLabelName(text) === reservation.name) ||
    (await standsElsewhere(context, claim));
  if (!isOurs) throw nameTaken(claim, `this account, for something else (contract ${holder.contractId})`);
  return holder.contractId;
}

/** Sees that a deployment that stands has its name: reserves it again when that contract has ended. */
export async function holdName(work: Work): Promise<void> {
  const { context, target, address } = work;
  const { reservation } = target;
  if (!reservation) return;
  try {
    work.nameContractId ??= await findNameContract(context, { ...target, reservation }, [work.data]);
    work.nameContractId ??= await reserve(work, reservation);
  } catch (error) {
    if (work.isNew || !hasCode(error, "TFG_NAME_TAKEN")) throw error;
    const { contractId } = address;
    throw error.with({
      standing: `Contract ${contractId} stands and bills; its node cannot serve it under this name.`,
    });
  }
  context.ownContracts.noteName(address.contractId, work.nameContractId);
}

async function reserve(work: Work, reservation: Reservation): Promise<number | undefined> {
  const { context, target } = work;
  const { name } = reservation;
  try {
    const [made] = await submit(context, [{ kind: "createNameContract", name }]);
    const dropped = made && (await whyDropped(context, target.title, made.finalized));
    if (!dropped) return made?.contractId;
    // Made by another block it has another number; made by none, the name is anybody's.
    return (await findNameContract(context, { ...target, reservation }, [work.data])) ?? reserve(work, reservation);
  } catch (error) {
    throw isChainRefusal(error, "NameExists") ? nameTaken({ ...target, reservation: { name } }) : error;
  }
}

/** The name is somebody else's, or was a moment too late ours. */
export function nameTaken(
  { title, reservation }: Pick<DeploymentTarget, "title" | "reservation">,
  owner = "somebody who was a moment faster",
): GridError {
  const name = reservation?.name ?? "";
  return new GridError({
    code: "TFG_NAME_TAKEN",
    summary: `The gateway name "${name}" of ${title} is taken.`,
    facts: { given: name, "reserved by": owner, allowed: "a name that nobody on this network has reserved" },
    standing: "Nothing was made and nothing was changed.",
    remedy: "choose another name; one of this account can be freed by cancelling its name contract.",
    attribute: ["name"],
  });
}

async function getNameContract(context: EngineContext, name: string): Promise<NameContract | undefined> {
  const { chain, signal } = context;
  const contractId = await chain.getContractIdByName(name, signal);
  const contract = contractId === undefined ? undefined : await chain.getContract(contractId, signal);
  return contract?.kind === "name" ? contract : undefined;
}

/** Whether the object runs on another node: what a run that was killed while it moved it has left. */
async function standsElsewhere({ ownContracts, signal }: EngineContext, claim: Claim): Promise<boolean> {
  const found = await ownContracts.findElsewhere(claim, signal);
  return found.some(({ deploymentData }) => decodeLabelName(deploymentData) === claim.reservation.name);
}
