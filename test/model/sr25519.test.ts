import { keyExtractSuri, keyFromPath, sr25519PairFromSeed, sr25519Sign, sr25519Verify } from "@polkadot/util-crypto";
import { verifySignature } from "../../lib/model/key-pair";
import { derivePair, loadSr25519, pairFromSeed, sign, verify } from "../../lib/model/sr25519";

const seed = Buffer.alloc(32, 7);
const messages = [Buffer.alloc(0), Buffer.from("message"), Buffer.alloc(100_000, 1)];
const [, message = Buffer.alloc(0)] = messages;

/** The order of the group: a scalar from here on is another spelling of a smaller one. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

it("says that it is not loaded, rather than that a signature is not valid", () => {
  expect(() => verify(message, Buffer.alloc(64), Buffer.alloc(32, 1))).toThrow("before loadSr25519");
});

describe("sr25519, compared with the library in JavaScript", () => {
  beforeAll(loadSr25519);

  it("makes the same keys", () => {
    expect(hex(pairFromSeed(seed))).toEqual(hex(sr25519PairFromSeed(seed)));
  });

  it.each(["//hard", "/soft", "//a/b//c", "/1/2"])("derives the same keys at %s", (derivation) => {
    const { path } = keyExtractSuri(`bottom${derivation}`);
    const own = hex(path.reduce(derivePair, pairFromSeed(seed)));
    const theirs = hex(keyFromPath(sr25519PairFromSeed(seed), path, "sr25519"));
    expect(own.publicKey).toBe(theirs.publicKey);
    // The other half is a nonce, which a soft derivation draws by lot.
    expect(own.secretKey.slice(0, 64)).toBe(theirs.secretKey.slice(0, 64));
  });

  it("makes signatures that are valid there, and takes those made there", () => {
    const pair = pairFromSeed(seed);
    for (const text of messages) {
      const [own, theirs] = [sign(pair, text), sr25519Sign(text, pair)];
      expect(own).toHaveLength(64);
      expect(sr25519Verify(text, own, pair.publicKey)).toBe(true);
      expect(verify(text, theirs, pair.publicKey)).toBe(true);
      expect(verify(Buffer.concat([text, text, seed]), theirs, pair.publicKey)).toBe(false);
    }
  });

  it("signs with a derived key too, hard or soft", () => {
    const { path } = keyExtractSuri("bottom//a/b");
    const pair = path.reduce(derivePair, pairFromSeed(seed));
    expect(sr25519Verify(message, sign(pair, message), pair.publicKey)).toBe(true);
  });
});

describe("an sr25519 signature", () => {
  const pair = () => pairFromSeed(seed);
  beforeAll(loadSr25519);

  afterEach(() => {
    expect(verify(message, sign(pair(), message), pair().publicKey)).toBe(true);
  });

  it.each([0, 1, 31, 32, 63, 64, 65, 1000])(
    "of %i bytes of anything is not valid, nor is one under such a key",
    (length) => {
      const good = sign(pair(), message);
      for (const byte of [0, 1, 0x80, 0xff]) {
        const bytes = Buffer.alloc(length, byte);
        for (const check of [verify, (...args: Parameters<typeof verify>) => verifySignature("sr25519", ...args)]) {
          expect(check(message, bytes, pair().publicKey)).toBe(false);
          expect(check(message, good, bytes)).toBe(false);
          expect(check(message, bytes, bytes)).toBe(false);
        }
      }
    },
  );

  it("is not valid with any one bit of it, or of the key, turned round", () => {
    const { publicKey } = pair();
    const good = sign(pair(), message);
    for (let bit = 0; bit < 512; bit++) expect(verify(message, turned(good, bit), publicKey)).toBe(false);
    for (let bit = 0; bit < 256; bit++) expect(verify(message, good, turned(publicKey, bit))).toBe(false);
  });

  it("is not valid with a scalar spelt otherwise", () => {
    const good = Buffer.from(sign(pair(), message));
    const scalar = good.subarray(32);
    scalar.writeUInt8(scalar.readUInt8(31) & 0x7f, 31);
    const more = BigInt(`0x${Buffer.from(scalar).reverse().toString("hex")}`) + ORDER;
    const spelt = Buffer.from(more.toString(16).padStart(64, "0"), "hex").reverse();
    spelt.writeUInt8(spelt.readUInt8(31) | 0x80, 31);
    expect(verify(message, Buffer.concat([good.subarray(0, 32), spelt]), pair().publicKey)).toBe(false);
  });

  it("that anyone could make, under a key of zeros, is not valid", () => {
    const forged = turned(Buffer.alloc(64), 511);
    expect(verify(message, forged, Buffer.alloc(32))).toBe(false);
  });
});

function hex(pair: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return { publicKey: text(pair.publicKey), secretKey: text(pair.secretKey) };
}

function turned(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}
