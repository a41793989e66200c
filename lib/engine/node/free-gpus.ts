import { GridError } from "../../core/errors";
import { type Gpu, parseGpus } from "../../model/gpu";
import type { EngineContext } from "../context";
import type { WantedWorkload } from "../deployment-target";

/** Graphics cards that a deployment is about to take. */
export interface GpuWish {
  /** The user's word for it. */
  readonly title: string;
  readonly nodeId: number;
  readonly nodeTwinId: number;
  /** Ids, as its machines ask for them. */
  readonly gpus: readonly string[];
  /** Contract under which it runs already, cards included. Undefined for a creation. */
  readonly contractId?: number;
}

/** How long a node has to say which cards it has. */
const ASK_MS = 10_000;

/** Ids of the cards that the machines of a deployment ask for. */
export function gpusOf(workloads: readonly WantedWorkload[]): string[] {
  return workloads.flatMap(({ type, data }) =>
    (type === "zmachine" || type === "zmachine-light") && "gpu" in data ? [...(data.gpu ?? [])] : [],
  );
}

/**
 * Asks whether cards can be had, before anything is paid for or taken down: the account must rent the node, and no other
 * machine may have them.
 *
 * @throws {GridError} TFG_GPU
 */
export async function requireGpus(context: EngineContext, wish: GpuWish): Promise<void> {
  if (wish.gpus.length === 0) return;
  const [renter, cards] = await Promise.all([renterOf(context, wish.nodeId), listGpus(context, wish.nodeTwinId)]);
  const unknown = wish.gpus.find((id) => !cards.some((card) => card.id === id));
  if (unknown !== undefined) throw noSuchGpu(wish, unknown, cards);
  if (renter !== context.twinId) throw notRented(wish, renter);
  const busy = cards.find(
    ({ id, contract }) => wish.gpus.includes(id) && contract !== 0 && contract !== wish.contractId,
  );
  if (busy) throw inUse(wish, busy, cards);
}

/** The cards of a node. */
export async function listGpus(context: EngineContext, nodeTwinId: number): Promise<Gpu[]> {
  const nodes = await context.nodes();
  const options = { signal: context.signal, timeoutMs: ASK_MS };
  return parseGpus(await nodes.call(nodeTwinId, "zos.gpu.list", undefined, options));
}

/** The twin that rents a node; undefined for none. */
async function renterOf({ chain, signal }: EngineContext, nodeId: number): Promise<number | undefined> {
  const contractId = await chain.getRentContractId(nodeId, signal);
  const contract = contractId === undefined ? undefined : await chain.getContract(contractId, signal);
  return contract?.twinId;
}

function noSuchGpu({ title, nodeId }: GpuWish, given: string, cards: readonly Gpu[]): GridError {
  return new GridError({
    code: "TFG_GPU",
    summary: `Node ${nodeId} has no graphics card ${given}, which ${title} asks for.`,
    facts: { "it has": cards.map(({ id, device }) => `${id} (${device})`).join(", ") || "none" },
    standing: "Nothing was started and nothing was changed.",
    remedy: "ask for one that it has, or place it on another node.",
    attribute: ["gpus"],
  });
}

function notRented({ title, nodeId }: GpuWish, renter: number | undefined): GridError {
  return new GridError({
    code: "TFG_GPU",
    summary: `${title} asks for a graphics card of node ${nodeId}, which this account does not rent.`,
    facts: {
      "rented by": renter === undefined ? "nobody" : `twin ${renter}`,
      "a node would say": "usage of GPU is not allowed unless node is rented",
    },
    standing: "Nothing was started and nothing was changed.",
    remedy: "rent the whole node first, or place it on a node you rent.",
    attribute: ["gpus"],
  });
}

function inUse({ title, nodeId }: GpuWish, busy: Gpu, cards: readonly Gpu[]): GridError {
  const free = cards.filter(({ contract }) => contract === 0).map(({ id }) => id);
  return new GridError({
    code: "TFG_GPU",
    summary: `Graphics card ${busy.id} of node ${nodeId} is in use, so ${title} cannot have it.`,
    facts: { "used by": `contract ${busy.contract}`, free: free.join(", ") || "none" },
    standing: "Nothing was started and nothing was changed.",
    remedy: "ask for a free card. Where a machine of this stack gives it up in the same run, run again.",
    attribute: ["gpus"],
  });
}
