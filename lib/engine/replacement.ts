import { GridError, messageOf } from "../core/errors";
import type { ChainNode, DirectoryNode } from "../grid/clients";
import { type Capacity, NO_CAPACITY } from "../model/capacity";
import type { EngineContext } from "./context";
import { nameTaken } from "./name-contract";
import { askFirst } from "./node/ask-first";
import { requireGpus } from "./node/free-gpus";
import { type Need, requireRoom } from "./node/free-room";
import { requireFeatures } from "./node/required-features";

/** What is to be made in the place of something that is about to be ended. */
export interface Successor extends Need {
  /** Public IPv4 it wants. */
  readonly publicIps: number;
  /** Gateway name it wants to have reserved. */
  readonly reservedName?: string;
  /** Types of its workloads. */
  readonly types: readonly string[];
  /** Graphics cards it asks for. */
  readonly gpus: readonly string[];
}

/** What ends for it, as far as that makes room. */
export interface Predecessor {
  readonly nodeId: number;
  readonly publicIps: number;
  /** What it uses. */
  readonly used: Capacity;
  /** The name contract that ends with it. */
  readonly nameContractId?: number;
}

/**
 * Asks whether a replacement can be made, before what it replaces is ended: afterwards it would be too late. Only what is
 * certain is refused; strangers may still be faster.
 *
 * @throws {GridError} TFG_REPLACEMENT
 */
export async function requireReplaceable(
  context: EngineContext,
  successor: Successor,
  predecessor: Predecessor,
): Promise<void> {
  try {
    const node = await askFirst(context, successor, async (twinId) => {
      await requireFeatures(context, successor, twinId);
      const own = predecessor.nodeId === successor.nodeId ? predecessor.used : NO_CAPACITY;
      await requireRoom(context, successor, { twinId, own });
      await requireGpus(context, { ...successor, nodeTwinId: twinId });
      return context.chain.getNode(successor.nodeId, context.signal);
    });
    if (!node) return;
    if (node.isStandby) throw notAvailable(successor, "it is in standby");
    await requireName(context, successor, predecessor);
    await Promise.all([
      requireOpen(context, successor, predecessor),
      requireAddresses(context, { successor, predecessor, node }),
    ]);
  } catch (error) {
    if (!(error instanceof GridError) || context.signal.aborted) throw error;
    throw notReplaceable(successor, error);
  }
}

/**
 * A node rented by somebody else, or to be rented as a whole, takes no contract. What leaves a node that the account rents
 * may follow its rent, which moves after it has gone. A directory that is down decides nothing.
 */
async function requireOpen(context: EngineContext, successor: Successor, predecessor: Predecessor): Promise<void> {
  const node = await listedNode(context, successor.nodeId);
  if (!node || node.rentedByTwinId === context.twinId) return;
  if (node.rentedByTwinId !== 0) throw notAvailable(successor, `twin ${node.rentedByTwinId} rents it`);
  if (!node.isInDedicatedFarm && node.extraFee === 0) return;
  const before = await listedNode(context, predecessor.nodeId);
  if (before?.rentedByTwinId !== context.twinId) throw notAvailable(successor, "it has to be rented as a whole first");
}

async function listedNode(context: EngineContext, nodeId: number): Promise<DirectoryNode | undefined> {
  return context.directory.getNode(nodeId, context.signal).catch((error) => {
    if (context.signal.aborted) throw error;
    context.log("debug", "rent not known", { node: nodeId, reason: messageOf(error) });
    return undefined;
  });
}

async function requireName(context: EngineContext, successor: Successor, predecessor: Predecessor): Promise<void> {
  const { title, reservedName } = successor;
  if (reservedName === undefined) return;
  const holder = await context.chain.getContractIdByName(reservedName, context.signal);
  if (holder === undefined || holder === predecessor.nameContractId) return;
  throw nameTaken({ title, reservation: { name: reservedName } }, `name contract ${holder}`);
}

async function requireAddresses(
  context: EngineContext,
  change: { readonly successor: Successor; readonly predecessor: Predecessor; readonly node: ChainNode },
): Promise<void> {
  const { successor, predecessor, node } = change;
  if (successor.publicIps === 0) return;
  const [ips, before] = await Promise.all([
    context.chain.getFarmIps(node.farmId, context.signal),
    context.chain.getNode(predecessor.nodeId, context.signal),
  ]);
  const givenBack = before?.farmId === node.farmId ? predecessor.publicIps : 0;
  const free = ips.filter(({ contractId }) => contractId === 0).length + givenBack;
  if (free < successor.publicIps) throw noAddresses(successor, { farmId: node.farmId, owned: ips.length, free });
}

function notAvailable({ nodeId, title }: Successor, reason: string): GridError {
  return new GridError({
    code: "TFG_REPLACEMENT",
    summary: `Node ${nodeId} cannot take ${title}: ${reason}.`,
    remedy: "choose another node, or leave it where it is.",
  });
}

function noAddresses(
  { nodeId, title, publicIps }: Successor,
  farm: { readonly farmId: number; readonly owned: number; readonly free: number },
): GridError {
  return new GridError({
    code: "TFG_REPLACEMENT",
    summary: `Farm ${farm.farmId} of node ${nodeId} has no public IPv4 left for ${title}.`,
    facts: { wanted: publicIps, free: farm.free, "owned by the farm": farm.owned },
    remedy: "choose a node of another farm, or leave the public IPv4 out.",
  });
}

/** What stands must not go for something that cannot come. */
export function notReplaceable(
  { title, contractId }: Pick<Successor, "title" | "contractId">,
  reason: GridError,
): GridError {
  return new GridError({
    code: "TFG_REPLACEMENT",
    summary: `${title} was to be replaced, and cannot be made anew: ${reason.summary}`,
    facts: reason.facts,
    standing: `Nothing was changed: it goes on running under contract ${contractId}, which bills.`,
    remedy: reason.remedy,
    attribute: reason.attribute,
    cause: reason,
  });
}
