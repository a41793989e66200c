import { GridError } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { askFirst } from "../../../engine/node/ask-first";
import { chooseListenPort } from "../../../engine/node/listen-port";
import { isUnreachable } from "../../../engine/node/node-deployments";
import { getEndpoint } from "../../../engine/node/node-endpoint";
import { listFeatures } from "../../../engine/node/node-features";
import { memberKeys } from "./keys";
import type { Mesh } from "./mesh";
import type { MemberState } from "./mesh-state";

/** A member that is to be. */
export interface WantedMember {
  readonly nodeId: number;
  readonly subnet: string;
  /** What it was. */
  readonly before: MemberState | undefined;
  /** Whether it has nobody to talk to: no other member, no user's computer. */
  readonly isAlone: boolean;
}

/**
 * Asks a new member what only it knows. A member that stands is taken as state has it.
 *
 * @throws {GridError} TFG_MESH_NO_WIREGUARD for a light node without it that is not alone; TFG_NO_NODE,
 * TFG_NODE_UNREACHABLE, TFG_NO_PORT
 */
export async function prepareMember(engine: EngineContext, mesh: Mesh, wanted: WantedMember): Promise<MemberState> {
  const { nodeId, subnet, before, isAlone } = wanted;
  const publicKey = memberKeys(mesh.keys, mesh.identity, nodeId).publicKey;
  if (before && isPrepared(before, isAlone)) return { ...before, subnet, publicKey };
  const intent = { nodeId, title: `network ${mesh.name} on node ${nodeId}` };
  const [endpoint, features] = await askFirst(engine, intent, (nodeTwinId) =>
    Promise.all([getEndpoint(engine, nodeTwinId), listFeatures(engine, nodeTwinId)]),
  );
  const isLight = features.includes("network-light") && !features.includes("network");
  const isIsolated = isLight && !features.includes("wireguard");
  if (isIsolated && !isAlone) throw noWireguard(mesh, nodeId);
  const owner = { ...intent, identity: `network/${mesh.identity}`, networkName: mesh.networkName };
  const listenPort = isIsolated ? 0 : await chooseListenPort(engine, mesh.keys, owner);
  const { contractId, token = "", hash = "" } = before ?? {};
  const standing = { contractId, token, hash, accessNode: undefined, status: "pending" };
  return { nodeId, type: isLight ? "network-light" : "network", subnet, publicKey, endpoint, listenPort, ...standing };
}

/**
 * The same for a mesh that stands: a node that does not answer must not keep the others from their change. It joins with the
 * first apply that finds it up, and until then has neither contract nor endpoint.
 */
export async function prepareIfUp(engine: EngineContext, mesh: Mesh, wanted: WantedMember): Promise<MemberState> {
  try {
    return await prepareMember(engine, mesh, wanted);
  } catch (error) {
    if (!(error instanceof GridError) || !isUnreachable(error)) throw error;
    const { nodeId, subnet, before } = wanted;
    engine.warn(
      `network ${mesh.name}: node ${nodeId} joins later`,
      `It does not answer, so nothing was made there; the other members were changed without it. The next apply that finds it up takes it in.`,
    );
    const publicKey = memberKeys(mesh.keys, mesh.identity, nodeId).publicKey;
    const { type = "network", contractId, token = "", hash = "" } = before ?? {};
    const open = { listenPort: undefined, endpoint: undefined, accessNode: undefined };
    return { nodeId, type, subnet, publicKey, contractId, token, hash, status: "pending", ...open };
  }
}

/** Nodes learn WireGuard with an update of their system: one that is no longer to be alone is asked again. */
function isPrepared({ contractId, listenPort, endpoint }: MemberState, isAlone: boolean): boolean {
  if (contractId === undefined || listenPort === undefined || endpoint === undefined) return false;
  return listenPort !== 0 || isAlone;
}

function noWireguard({ name }: Mesh, nodeId: number): GridError {
  return new GridError({
    code: "TFG_MESH_NO_WIREGUARD",
    summary: `Node ${nodeId} cannot be in network ${name}: it is a light node without WireGuard.`,
    facts: { node: nodeId, network: name },
    standing: "Nothing was made and nothing was changed.",
    remedy:
      "take a node with the feature `wireguard`, or use this one in a mesh of its own, where mycelium is the way in.",
    attribute: ["nodes"],
  });
}
