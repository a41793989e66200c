/** Digits or words of a secret, up to derivations such as `//stash`. A truncated one is worth as much to a thief. */
const DIGITS = /^(0x)?[0-9a-f]{60,}$/i;
const WORDS = /^\p{L}+(\s+\p{L}+){9,}$/u;

/**
 * Whether a text looks like an account's secret, whole or nearly so: such a text was pasted in the wrong place, and is
 * repeated nowhere. Loads no signing library, so that it can be asked anywhere.
 */
export function looksLikeAccountSecret(text: string): boolean {
  const [root = ""] = text
    .trim()
    .replace(/^["']|["']$/g, "")
    .split("/");
  const plain = root.trim();
  return DIGITS.test(plain) || WORDS.test(plain);
}
