import { GridError } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { listPrivateIps } from "../../../engine/node/private-ips";
import type { Mesh } from "./mesh";
import type { MemberState } from "./mesh-state";

/** How long a node gets to say what runs in the mesh: dead nodes hold nobody up. */
const ASK_MS = 3_000;

/** Members that are wanted no longer. */
export interface Leavers {
  /** Machines of the mesh run there: they stay connected, and the member goes with a later change. */
  readonly staying: readonly MemberState[];
  /** To be ended. */
  readonly going: readonly MemberState[];
}

/**
 * Tells members that may be ended from those on which machines of the mesh still run: of a replacement whose successor is
 * made first, the machine goes after the mesh was changed. A node that does not answer is left behind.
 */
export async function partLeavers(
  engine: EngineContext,
  mesh: Pick<Mesh, "name" | "networkName">,
  left: readonly MemberState[],
): Promise<Leavers> {
  const asked = await Promise.all(
    left.map(async (member) => ({ member, machines: await machinesOn(engine, mesh, member) })),
  );
  for (const { member, machines } of asked) {
    if (machines.length === 0) continue;
    engine.warn(
      `network ${mesh.name}: node ${member.nodeId} leaves later`,
      `Machines of the mesh still run there: ${machines.join(", ")}. Until they are gone the node stays connected, and contract ${member.contractId} stands. The next apply after that ends it.`,
    );
  }
  return {
    staying: asked.flatMap(({ member, machines }) => (machines.length > 0 ? [member] : [])),
    going: asked.flatMap(({ member, machines }) => (machines.length > 0 ? [] : [member])),
  };
}

async function machinesOn(
  engine: EngineContext,
  { networkName }: Pick<Mesh, "networkName">,
  { nodeId, contractId, status }: MemberState,
): Promise<readonly string[]> {
  // What another state has taken over it keeps connected itself.
  if (contractId === undefined || status === "handed_over") return [];
  const node = await engine.chain.getNode(nodeId, engine.signal);
  if (!node) return [];
  try {
    return await listPrivateIps(engine, node.twinId, networkName, ASK_MS);
  } catch (error) {
    if (engine.signal.aborted || !(error instanceof GridError)) throw error;
    engine.log("warn", "machines of a mesh not listed", { node: nodeId, reason: error.message });
    return [];
  }
}
