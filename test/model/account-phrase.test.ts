import { looksLikeAccountSecret } from "../../lib/model/account-phrase";

const PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const DIGITS = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";

describe("a text in the place of a path", () => {
  it.each([
    PHRASE,
    ` ${PHRASE.toUpperCase()}\n`,
    `"${PHRASE}"`,
    `${PHRASE} ${PHRASE}`,
    `${PHRASE}//stash///password`,
    PHRASE.split(" ").slice(1).join("\t"),
    DIGITS,
    `0x${DIGITS}`,
    DIGITS.slice(1),
    `${DIGITS}//stash`,
  ])("is taken for a secret: %j", (text) => {
    expect(looksLikeAccountSecret(text)).toBe(true);
  });

  it.each([
    "",
    "secret.txt",
    "./my secret file",
    `/run/secrets/${DIGITS}`,
    `./${DIGITS}`,
    "//Alice",
    DIGITS.slice(0, 40),
  ])("is taken for a path: %j", (text) => {
    expect(looksLikeAccountSecret(text)).toBe(false);
  });
});
