import type { FarmIp } from "../../../model/contract";
import type { ChainConnection } from "../chain-connection";
import { asStruct } from "./codec-json";
import { decodeFarmIps } from "./decode-contract";

/** Reads a farm's public IPv4; none when there is no such farm. */
export async function getFarmIps(
  connection: ChainConnection,
  farmId: number,
  signal?: AbortSignal,
): Promise<readonly FarmIp[]> {
  return connection.ask(async (session) => {
    const [farm] = await session.read([["tfgridModule", "farms", farmId]]);
    return farm === null ? [] : decodeFarmIps(asStruct(farm, "farm").publicIps);
  }, signal);
}
