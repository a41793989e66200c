import type { ChainConnection } from "../chain-connection";
import { asList, asNumber } from "./codec-json";

/** Finds the live contract of a deployment hash on a node, anyone's. */
export async function getContractIdByHash(
  connection: ChainConnection,
  nodeId: number,
  deploymentHash: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const key = `0x${Buffer.from(deploymentHash, "latin1").toString("hex")}`;
  // A shorter or longer text would be padded or cut into another key, and find nothing or something else.
  if (Buffer.byteLength(deploymentHash, "latin1") !== 32) return undefined;
  return connection.ask(async (session) => {
    const [id] = await session.read([["smartContractModule", "contractIDByNodeIDAndHash", nodeId, key]]);
    return presentId(id);
  }, signal);
}

/** Finds the live name contract of a gateway name, anyone's. */
export async function getContractIdByName(
  connection: ChainConnection,
  name: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const key = `0x${Buffer.from(name, "utf8").toString("hex")}`;
  return connection.ask(async (session) => {
    const [id] = await session.read([["smartContractModule", "contractIDByNameRegistration", key]]);
    return presentId(id);
  }, signal);
}

/** Finds the live rent contract of a node, anyone's. */
export async function getRentContractId(
  connection: ChainConnection,
  nodeId: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  return connection.ask(async (session) => {
    const [id] = await session.read([["smartContractModule", "activeRentContractForNode", nodeId]]);
    return id === null ? undefined : presentId(id);
  }, signal);
}

/** Lists the live node contracts on a node, anyone's, those in grace included. */
export async function getNodeContractIds(
  connection: ChainConnection,
  nodeId: number,
  signal?: AbortSignal,
): Promise<number[]> {
  return connection.ask(async (session) => {
    const [ids] = await session.read([["smartContractModule", "activeNodeContracts", nodeId]]);
    return asList(ids, "contract ids").map((id) => asNumber(id, "contract id"));
  }, signal);
}

/** The look-up maps answer 0 for "none": ids count from 1. */
function presentId(value: unknown): number | undefined {
  return asNumber(value, "contract id") || undefined;
}
