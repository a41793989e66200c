import { inspect } from "node:util";
import { Secret } from "../../lib/core/secret";
import { createKeyPair, type KeyType, verifySignature } from "../../lib/model/key-pair";

const PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const MINI_SECRET = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
const message = Buffer.from("message");

function pairOf(secret: string, keyType: KeyType) {
  return createKeyPair(new Secret(secret), keyType);
}

describe("a key pair", () => {
  // Public knowledge of every Substrate chain.
  it.each([
    ["//Alice", "sr25519", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"],
    ["//Bob", "sr25519", "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"],
    ["//Alice", "ed25519", "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"],
    [`${PHRASE}//Alice`, "sr25519", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"],
    [`0x${MINI_SECRET}//Alice`, "ed25519", "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"],
    [`${PHRASE}//Alice//stash`, "sr25519", "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY"],
    [`${PHRASE}///pw`, "ed25519", "5CrqGovB7j6jFDdAwuNy3vQCmJ4cegjAU5ZAJ1kMCqwob3Cx"],
    ["//Alice/soft//x///pw", "sr25519", "5DJAkukZX4WJrjkt6KwNuqfePBJRB9sqvLEkN7H7YUUNySS5"],
    [PHRASE, "sr25519", "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"],
    [PHRASE, "ed25519", "5DFJF7tY4bpbpcKPJcBTQaKuCDEPCpiz8TRjpmLeTtweqmXL"],
    [`0x${MINI_SECRET}`, "sr25519", "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"],
    [MINI_SECRET.toUpperCase(), "ed25519", "5DFJF7tY4bpbpcKPJcBTQaKuCDEPCpiz8TRjpmLeTtweqmXL"],
    [
      "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a",
      "sr25519",
      "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
    ],
  ] as const)("of %s under %s has the address %s", async (secret, keyType, address) => {
    expect((await pairOf(secret, keyType)).address).toBe(address);
  });

  it("has the same mini-secret under both types, for a phrase in any spacing", async () => {
    const spaced = ` ${PHRASE.replaceAll(" ", "  ")}\n`;
    expect((await pairOf(spaced, "sr25519")).miniSecret.reveal()).toBe(MINI_SECRET);
    expect((await pairOf(PHRASE, "ed25519")).miniSecret.reveal()).toBe(MINI_SECRET);
  });

  it.each([
    ["in upper case", PHRASE.toUpperCase()],
    ["in quotes", `"${PHRASE}"`],
    ["in single quotes, with a newline", `'${PHRASE}'\n`],
    ["of digits in quotes", `"0x${MINI_SECRET}"`],
  ])("is the same for a secret %s", async (_, secret) => {
    expect((await pairOf(secret, "sr25519")).miniSecret.reveal()).toBe(MINI_SECRET);
  });

  it("has the derived seed as mini-secret of an ed25519 development account", async () => {
    const { miniSecret } = await pairOf("//Alice", "ed25519");
    expect(miniSecret.reveal()).toBe("abf8e5bdbe30c65656c0a3cbd181ff8a56294a69dfedd27982aace4a76909115");
  });

  it("shows no secret when printed", async () => {
    const pair = await pairOf(PHRASE, "sr25519");
    expect(`${inspect(pair)} ${JSON.stringify(pair)}`).not.toContain(MINI_SECRET);
  });

  it.each(["sr25519", "ed25519"] as const)("verifies its own %s signatures and no others", async (keyType) => {
    const pair = await pairOf(PHRASE, keyType);
    const other = await pairOf("//Alice", keyType);
    const signature = pair.sign(message);
    expect(signature).toHaveLength(64);
    expect(verifySignature(keyType, message, signature, pair.publicKey)).toBe(true);
    expect(verifySignature(keyType, Buffer.from("messagf"), signature, pair.publicKey)).toBe(false);
    expect(verifySignature(keyType, message, signature, other.publicKey)).toBe(false);
    const otherType = keyType === "sr25519" ? "ed25519" : "sr25519";
    expect(verifySignature(otherType, message, signature, pair.publicKey)).toBe(false);
  });

  it.each([
    ["a short signature", Buffer.alloc(63), Buffer.alloc(32)],
    ["an empty signature", Buffer.alloc(0), Buffer.alloc(32)],
    ["a short key", Buffer.alloc(64), Buffer.alloc(31)],
    ["bytes that are no curve point", Buffer.alloc(64, 0xff), Buffer.alloc(32, 0xff)],
  ])("calls %s invalid rather than failing", async (_, signature, publicKey) => {
    await pairOf(PHRASE, "sr25519");
    expect(verifySignature("sr25519", message, signature, publicKey)).toBe(false);
    expect(verifySignature("ed25519", message, signature, publicKey)).toBe(false);
  });

  it.each([
    ["a misspelt word", PHRASE.replace("walk", "wolk")],
    ["swapped words", PHRASE.replace("fit walk", "walk fit")],
    ["too few words", "bottom drive"],
    ["too few digits", MINI_SECRET.slice(1)],
    ["a password without derivations in digits too few", `${MINI_SECRET.slice(1)}///pw`],
    ["a slash and nothing after it", `${PHRASE}/`],
    ["nothing", ""],
  ])("refuses %s without repeating it", async (_, secret) => {
    const failure = await pairOf(secret, "sr25519").catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "TFG_BAD_MNEMONIC" });
    expect(secret !== "" && String(failure).includes(secret)).toBe(false);
  });

  it.each([
    [
      "a word that does not exist",
      PHRASE.replace("walk", "wolk"),
      "MNEMONIC has a word, number 12, that is not in the word list.",
    ],
    ["two of them", PHRASE.replace("drive", "canary").replace("fit", "fyt"), "word list: numbers 2, 11."],
    ["swapped words", PHRASE.replace("fit walk", "walk fit"), "their check sum is wrong."],
    ["a missing word", PHRASE.replace("bottom ", ""), "MNEMONIC has 11 words."],
    ["no word at all", "//", "ends in something that is no derivation"],
    ["quotes around nothing", '""', "MNEMONIC is empty."],
    ["a missing digit", MINI_SECRET.slice(1), "MNEMONIC has 63 hexadecimal digits."],
  ])("says what is wrong with %s and where it came from, without the words", async (_, secret, says) => {
    const failure = await createKeyPair(new Secret(secret), "sr25519", "MNEMONIC").catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "TFG_BAD_MNEMONIC", summary: expect.stringContaining(says) });
    expect(String(failure)).toContain("MNEMONIC");
    expect(String(failure)).not.toMatch(/canary|wolk|fyt|curtain/);
  });

  it("refuses a soft derivation of an ed25519 account, which there is none of", async () => {
    const failure = await pairOf("//Alice/soft", "ed25519").catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "TFG_BAD_MNEMONIC", summary: expect.stringContaining("single slash") });
  });
});
