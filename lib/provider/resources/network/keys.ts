import type { KeyDerivation } from "../../../model/key-derivation";
import { wireguardPublicKey } from "../../../model/mesh";

/** A WireGuard key pair in base64. */
export interface WireguardKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The keys of a mesh on one node: the same on every run, so that peers never have to learn new ones. */
export function memberKeys(keys: KeyDerivation, identity: string, nodeId: number): WireguardKeys {
  const name = { kind: "wireguard" as const, identity: `network/${identity}`, nodeId };
  return pair(keys.bytes(name, 32).toString("base64"));
}

/** The keys of a user's machine. */
export function accessKeys(keys: KeyDerivation, identity: string, accessName: string): WireguardKeys {
  const name = { kind: "wireguard-access" as const, identity: `network/${identity}/${accessName}` };
  return pair(keys.bytes(name, 32).toString("base64"));
}

/** The key that decides the mycelium addresses of machines on one node, 64 hexadecimal digits. */
export function myceliumKey(keys: KeyDerivation, identity: string, nodeId: number): string {
  return keys.bytes({ kind: "mycelium", identity: `network/${identity}`, nodeId }, 32).toString("hex");
}

function pair(privateKey: string): WireguardKeys {
  return { privateKey, publicKey: wireguardPublicKey(privateKey) };
}
