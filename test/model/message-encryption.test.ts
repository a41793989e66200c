import { inspect } from "node:util";
import fc from "fast-check";
import { Secret } from "../../lib/core/secret";
import { MessageCipher } from "../../lib/model/message-encryption";

const cipherOf = (byte: number) => new MessageCipher(new Secret(Buffer.alloc(32, byte).toString("hex")));
const [alice, bob, eve] = [cipherOf(1), cipherOf(2), cipherOf(3)];

describe("message encryption", () => {
  it("gives the other side what was encrypted, of any size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (plain) => {
        const opened = bob.decryptFrom(alice.publicKey, alice.encryptFor(bob.publicKey, plain));
        expect(opened).toEqual(Buffer.from(plain));
      }),
    );
  });

  it("never uses a nonce twice", () => {
    const ciphers = Array.from({ length: 200 }, () => alice.encryptFor(bob.publicKey, Buffer.from("x")));
    expect(new Set(ciphers.map((cipher) => cipher.toString("hex", 0, 12))).size).toBe(200);
  });

  it("gives nothing to anyone else, from anyone else, or once altered or cut anywhere", () => {
    const cipher = alice.encryptFor(bob.publicKey, Buffer.from("secret"));
    expect(eve.decryptFrom(alice.publicKey, cipher)).toBeUndefined();
    expect(bob.decryptFrom(eve.publicKey, cipher)).toBeUndefined();
    for (let at = 0; at < cipher.length; at++) {
      const altered = Buffer.from(cipher);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(bob.decryptFrom(alice.publicKey, altered)).toBeUndefined();
      expect(bob.decryptFrom(alice.publicKey, cipher.subarray(0, at))).toBeUndefined();
    }
  });

  it("refuses a key that is no point of the curve", () => {
    const bad = Buffer.alloc(33, 2);
    bad.fill(0xff, 1);
    expect(() => alice.encryptFor(bad, Buffer.from("x"))).toThrow("not usable");
    expect(alice.decryptFrom(bad, Buffer.alloc(40))).toBeUndefined();
  });

  it("shows neither the private nor an agreed key when printed", () => {
    const agreed = alice.agree(bob.publicKey);
    const shown = inspect(alice, { depth: 5 }) + inspect(agreed, { depth: 5 });
    expect(shown).not.toContain("01010101");
    expect(shown).not.toContain(agreed.export().toString("hex").slice(0, 8));
  });
});
