import type { Refusal } from "../core/bad-value";
import { holdsPrivateKey } from "./ssh-key";

/** Names a shell and an init system can carry. A bad one stops the machine's boot. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Longest `NAME=value` of Linux, with the zero byte at its end. @source facts "images" §4.2 */
const MAX_VARIABLE = 128 * 1024;

/** Most that all variables together may take: what carries them to the machine has room for some more. */
const MAX_ENVIRONMENT = 512 * 1024;

/** Why no variable can have that name; undefined when one can. */
export function variableNameRefusal(name: string): Refusal | undefined {
  if (NAME.test(name)) return undefined;
  const allowed = "names of letters, digits and _, not beginning with a digit";
  return name === ""
    ? { what: "has a variable without a name", allowed, remedy: "give it a name, or leave it out." }
    : { given: name, allowed, remedy: `rename ${name}.` };
}

/** Why a variable cannot have that value in plain sight; undefined when it can. The value is never repeated. */
export function variableRefusal(name: string, value: string): Refusal | undefined {
  if (holdsPrivateKey(value)) {
    const remedy = "give it by reference, as a secret variable.";
    return { what: "holds a private key", allowed: "text that may be in the state", remedy, isSecret: true };
  }
  if (value.includes("\0")) return { what: "holds a zero byte", allowed: "text without zero bytes" };
  if (sizeOf(name, value) <= MAX_VARIABLE) return undefined;
  const remedy = "let the machine fetch it when it starts.";
  return { what: "is too long", allowed: `${MAX_VARIABLE / 1024} KiB with its name`, remedy };
}

/** Why an environment is too big as a whole; undefined when it is not. */
export function environmentRefusal(
  variables: readonly (readonly [name: string, value: string])[],
): Refusal | undefined {
  const bytes = variables.reduce((sum, [name, value]) => sum + sizeOf(name, value), 0);
  if (bytes <= MAX_ENVIRONMENT) return undefined;
  return {
    what: `takes ${Math.ceil(bytes / 1024)} KiB`,
    allowed: `${MAX_ENVIRONMENT / 1024} KiB for all variables and SSH keys together`,
    remedy: "let the machine fetch what is big when it starts.",
  };
}

/** Bytes of `NAME=value` and the zero byte after it. */
function sizeOf(name: string, value: string): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
}
