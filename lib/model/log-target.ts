import { createHash } from "node:crypto";
import type { Refusal } from "../core/bad-value";

/** Schemes a node streams to. @source zosbase pkg/gridtypes/zos/zlogs.go */
const SCHEMES = ["redis:", "ws:", "wss:"];

/** Why nothing can be streamed to an address; undefined when it can. */
export function logTargetRefusal(target: string): Refusal | undefined {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url && (url.username !== "" || url.password !== "")) {
    return {
      isSecret: true,
      what: "holds a user or a password, which would be kept in state",
      allowed: "an address without them",
      remedy: "stream to a relay in the machine's own mesh that needs none.",
    };
  }
  if (url && SCHEMES.includes(url.protocol) && url.hostname !== "") return undefined;
  return { given: target, allowed: "a redis://, ws:// or wss:// address" };
}

/** Name of the workload that streams to a target: the same target keeps its stream. */
export function logStreamName(target: string): string {
  return `logs_${createHash("sha256").update(target).digest("hex").slice(0, 12)}`;
}
