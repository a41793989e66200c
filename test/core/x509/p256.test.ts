import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import { p256 } from "@noble/curves/p256";
import { sha256 } from "@noble/hashes/sha256";
import * as fc from "fast-check";
import { p256KeyFrom, signDeterministically } from "../../../lib/core/x509/p256";

describe("a P-256 key", () => {
  it("signs as the RFC's own example does", () => {
    // @source RFC 6979 A.2.5, SHA-256
    const scalar = Buffer.from("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", "hex");
    const signature = (message: string) => signDeterministically({ scalar }, Buffer.from(message)).toString("hex");
    expect(signature("sample")).toBe(
      "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    );
    expect(signature("test")).toBe(
      "3045022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d383670220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    );
  });

  it("signs as an independent library does, and as OpenSSL accepts", () => {
    const seeds = fc.uint8Array({ minLength: 48, maxLength: 48 });
    const agrees = fc.property(seeds, fc.uint8Array(), (seed, message) => {
      const key = p256KeyFrom(seed);
      const signature = signDeterministically(key, message);
      expect(signature.toString("hex")).toBe(p256.sign(sha256(message), key.scalar).toDERHex());
      expect(verify("sha256", message, createPublicKey(key.pem), signature)).toBe(true);
    });
    expect(() => fc.assert(agrees, { numRuns: 50 })).not.toThrow();
  });

  it.each([
    ["zero", Buffer.alloc(48, 0), 1n],
    ["a multiple of the order less 1", Buffer.from((p256.CURVE.n - 1n).toString(16).padStart(96, "0"), "hex"), 1n],
    ["the order less 2", Buffer.from((p256.CURVE.n - 2n).toString(16).padStart(96, "0"), "hex"), p256.CURVE.n - 1n],
  ])("is one that exists even when the derived bytes are %s", (_what, seed, scalar) => {
    const key = p256KeyFrom(seed);
    expect(BigInt(`0x${key.scalar.toString("hex")}`)).toBe(scalar);
    const privateKey = createPrivateKey(key.pem);
    expect(createPublicKey(privateKey).export({ format: "der", type: "spki" })).toEqual(key.publicKey);
  });
});
