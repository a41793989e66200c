import { Secret } from "../../lib/core/secret";
import { KeyDerivation } from "../../lib/model/key-derivation";

const MINI_SECRET = new Secret("fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e");
const GENESIS = `0x${"11".repeat(32)}`;
const keys = new KeyDerivation(MINI_SECRET, GENESIS, "shop");

// Known answers computed with Python's hmac and hashlib: a change of any of them would rotate users' keys.
describe("key derivation", () => {
  test("gives the pinned bytes for a key of one node", () => {
    const bytes = keys.bytes({ kind: "wireguard", identity: "network/mesh", nodeId: 14 }, 32);
    expect(bytes.toString("hex")).toBe("0827192bbb458beee0a21e90e5ff746fafcdbf64920ccb46d1806bfe7be934b0");
  });

  test("gives the pinned check, password and fingerprint", () => {
    expect(keys.check()).toBe("1a1914b7aacd1903");
    const password = keys.password({ kind: "zdb-password", identity: "db", version: 2 });
    expect(password.reveal()).toBe("y2etJQZKo8UpvRG6DF_Jq0DBpxoPwtateQGge1CwirE");
    expect(keys.fingerprint("secret_env.A", "value")).toBe("e1ebe96d9502fe72186408dffa9b87d6");
  });

  test("gives the pinned key of a storage", () => {
    const key = keys.hexKey({ kind: "qsfs-key", identity: "files", version: 2 });
    expect(key.reveal()).toBe("0642bfb7cfaa0a9463ea0f261effde3ba883076bfe4acbc706039f06ed1df560");
  });

  test("takes a key secret as text", () => {
    const separate = new KeyDerivation(new Secret("a passphrase of more than thirty-two characters"), GENESIS, "shop");
    const salt = separate.bytes({ kind: "salt", identity: "virtual_machine/web" }, 16);
    expect(salt.toString("hex")).toBe("696fb011cd4c0fee367614cfbc52523d");
  });

  test.each([
    ["scope", new KeyDerivation(MINI_SECRET, GENESIS, "other")],
    ["chain", new KeyDerivation(MINI_SECRET, `0x${"22".repeat(32)}`, "shop")],
    ["secret", new KeyDerivation(new Secret("00".repeat(32)), GENESIS, "shop")],
  ])("differs with another %s", (_, other) => {
    expect(other.check()).not.toBe(keys.check());
  });

  test("differs by kind, identity, node and version", () => {
    const all = [
      keys.bytes({ kind: "salt", identity: "a" }, 16),
      keys.bytes({ kind: "mycelium", identity: "a" }, 16),
      keys.bytes({ kind: "salt", identity: "b" }, 16),
      keys.bytes({ kind: "salt", identity: "a", nodeId: 1 }, 16),
      keys.bytes({ kind: "salt", identity: "a", version: 2 }, 16),
    ].map((bytes) => bytes.toString("hex"));
    expect(new Set(all).size).toBe(all.length);
  });
});
