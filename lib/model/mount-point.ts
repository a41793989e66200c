import { posix } from "node:path";
import type { Refusal } from "../core/bad-value";

/** Where the machine's own system is. @source facts "images" §4.2 */
const SYSTEM = /^\/(proc|sys|dev)(\/|$)/;

/** A mount point as nodes read it: two texts of one place become one. */
export function plainMountPoint(text: string): string {
  return posix.resolve("/", text);
}

/** Why nothing can be mounted there; undefined when something can. */
export function mountPointRefusal(text: string): Refusal | undefined {
  if (/\p{Cc}/u.test(text)) return { what: "has control characters", allowed: "a path of printable characters" };
  const plain = plainMountPoint(text);
  if (!text.startsWith("/") || plain === "/") return { given: text, allowed: "an absolute path below /" };
  if (/\/\.\.?(\/|$)/.test(text)) return { given: text, allowed: "a path without . and .." };
  return SYSTEM.test(plain) ? { given: text, allowed: "a path outside /proc, /sys and /dev" } : undefined;
}
