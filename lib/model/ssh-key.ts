import type { Refusal } from "../core/bad-value";

/** Types of keys that today's OpenSSH takes. */
const TYPES = [
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
];

const ALLOWED = 'the text of a public key, such as "ssh-ed25519 AAAA… me@home"';

/** Whether a text holds a private key, in any of the usual formats. */
export function holdsPrivateKey(text: string): boolean {
  return /PRIVATE KEY|^PuTTY-User-Key-File/i.test(text);
}

/** Why a text is no public SSH key; undefined when it is one. Only what looks like a path is repeated. */
export function sshKeyRefusal(text: string): Refusal | undefined {
  const key = text.trim();
  if (holdsPrivateKey(key)) return refusal("is a private key", "give the text of the .pub file.", { isSecret: true });
  if (key === "") return refusal("is empty", "give the text of the .pub file; is the environment variable set?");
  if (/[\r\n]/.test(key)) return refusal("has several lines", "give each key as an entry of its own.");
  if (/^[~./\\]|\.pub$/.test(key) && !/\s/.test(key)) {
    return {
      ...refusal("is a path", "give what is in the file: readFileSync(path), or file(path) in HCL."),
      given: key,
    };
  }
  const [type = "", blob = ""] = key.split(/\s+/);
  if (!TYPES.includes(type))
    return refusal("is no public SSH key", "give the text of the .pub file.", { isSecret: true });
  if (!/^AAAA[A-Za-z0-9+/]*={0,2}$/.test(blob)) return refusal("is a damaged SSH key", "copy the .pub file again.");
  // The official images split at commas too: half a comment would be taken for a key.
  if (key.includes(",")) return refusal("has a comma, where images split it", "take the comma out of its comment.");
  return undefined;
}

function refusal(what: string, remedy: string, more: Pick<Refusal, "isSecret"> = {}): Refusal {
  return { what, allowed: ALLOWED, remedy, ...more };
}
