import { type KeyPair, type KeyType, verifySignature } from "./key-pair";

/**
 * The message bus signs with 65 bytes: one that names the signature scheme, then the signature. The chain stores only
 * a public key, so this byte is all a verifier learns about the scheme.
 *
 * @source rmb-rs src/identity
 */
const PREFIX: Readonly<Record<KeyType, number>> = { sr25519: 0x73, ed25519: 0x65 };

/** Signs for the message bus: prefix byte `s` or `e`, then 64 bytes. */
export function signPrefixed(account: KeyPair, message: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(PREFIX[account.keyType]), account.sign(message)]);
}

/** True when the prefix byte names a scheme and the rest is that scheme's signature of the message by the account. */
export function verifyPrefixed(message: Uint8Array, signature: Uint8Array, accountId: Uint8Array): boolean {
  const prefix = signature[0];
  const keyType = (Object.keys(PREFIX) as KeyType[]).find((type) => PREFIX[type] === prefix);
  return keyType !== undefined && verifySignature(keyType, message, signature.subarray(1), accountId);
}
