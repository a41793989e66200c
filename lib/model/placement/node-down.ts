import type { Candidate, PlacementRequest } from "./request";

/**
 * Whether a node is down for good reasons, so that what is on it may be given up. Two witnesses have to agree:
 *
 * - **The directory does not have it as up.** Nodes report every 40 minutes, and the directory takes one for up until it
 *   has heard nothing for 80: two reports are missing. So a reboot, a relay out of order or a lost message moves nothing,
 *   and a node that has just died is not down yet.
 * - **It does not answer us, now.** A directory that stands still has everybody as down after 80 minutes, and one that
 *   lags has nodes as down that are back: whoever answers is up, whatever the directory says.
 *
 * @source gridproxy status, facts "directory" §3 and §7
 */
export function isDown({ isUp, isSilent }: Pick<Candidate, "isUp" | "isSilent">): boolean {
  return !isUp && isSilent;
}

/** Whether a request goes to another node when its own is down. One that names its node has nowhere else to go. */
export function isMovable({ onNodeDown, nodeId }: Pick<PlacementRequest, "onNodeDown" | "nodeId">): boolean {
  return onNodeDown === "replace" && nodeId === undefined;
}
