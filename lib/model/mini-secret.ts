import { mnemonicToMiniSecret, mnemonicValidate } from "@polkadot/util-crypto";
import WORDS from "@polkadot/util-crypto/mnemonic/wordlists/en";
import { GridError } from "../core/errors";

/** Words a phrase can have: 128 to 256 bits and their check sum. */
const COUNTS = [12, 15, 18, 21, 24];

/**
 * The 32 bytes behind 64 hex digits or the words of a mnemonic, which may be in upper case.
 *
 * @param name what the text is called in errors, such as `THREEFOLD_MNEMONIC`
 * @throws {GridError} TFG_BAD_MNEMONIC that says which word is wrong, by its number; no word is repeated
 */
export function miniSecretOf(text: string, password: string | undefined, name: string): Uint8Array {
  const digits = text.replace(/^0x/i, "");
  if (/^[0-9a-f]{64}$/i.test(digits)) return Buffer.from(digits, "hex");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const phrase = words.join(" ");
  const problem = problemOf(words, digits);
  if (problem) throw badMnemonic(`${name} ${problem}.`);
  if (!mnemonicValidate(phrase)) throw wrongCheckSum(name);
  return mnemonicToMiniSecret(phrase, password);
}

function problemOf(words: readonly string[], digits: string): string | undefined {
  if (words.length === 0) return "is empty";
  if (/^[0-9a-f]{16,}$/i.test(digits)) return `has ${digits.length} hexadecimal digits`;
  if (!COUNTS.includes(words.length)) return `has ${words.length} ${words.length === 1 ? "word" : "words"}`;
  const unknown = words.flatMap((word, index) => (WORDS.includes(word) ? [] : [index + 1]));
  if (unknown.length === 0) return undefined;
  const [first] = unknown;
  return unknown.length === 1
    ? `has a word, number ${first}, that is not in the word list`
    : `has words that are not in the word list: numbers ${unknown.join(", ")}`;
}

function wrongCheckSum(name: string): GridError {
  return badMnemonic(
    `All words of ${name} exist, but they do not belong together: their check sum is wrong.`,
    "look for a word in another's place, or misspelt into another one.",
  );
}

function badMnemonic(summary: string, remedy = "copy the secret again, whole."): GridError {
  return new GridError({
    code: "TFG_BAD_MNEMONIC",
    summary,
    facts: { allowed: `${COUNTS.join(", ")} English words, 64 hex digits, or a development account such as //Alice` },
    standing: "Nothing was started.",
    remedy,
  });
}
