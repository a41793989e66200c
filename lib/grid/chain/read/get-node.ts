import type { ChainNode } from "../../clients";
import type { ChainConnection } from "../chain-connection";
import { asNumber, asStruct, asVariant } from "./codec-json";

/** Reads a node's record and power. */
export async function getNode(
  connection: ChainConnection,
  nodeId: number,
  signal?: AbortSignal,
): Promise<ChainNode | undefined> {
  return connection.ask(async (session) => {
    const [record, power] = await session.read([
      ["tfgridModule", "nodes", nodeId],
      ["tfgridModule", "nodePower", nodeId],
    ]);
    return record === null ? undefined : decodeNode(record, power);
  }, signal);
}

/** Reads a node record and its power. @source tfchain spec 144 and 152 metadata, pallet_tfgrid::types */
export function decodeNode(record: unknown, power: unknown): ChainNode {
  const node = asStruct(record, "node");
  const { state, target } = asStruct(power, "node power");
  const isDown = [state, target].some((side) => asVariant(side, "power")[0] === "down");
  return {
    nodeId: asNumber(node.id, "node id"),
    farmId: asNumber(node.farmId, "farm id"),
    twinId: asNumber(node.twinId, "node's twin id"),
    isStandby: isDown,
  };
}
