/**
 * Mycelium addresses, which follow from keys alone: the same key and seed give the same address on any node.
 *
 * @source mycelium src/crypto.rs; zosbase pkg/network/nr/net_resource.go
 */
import { blake3 } from "@noble/hashes/blake3";
import { GridError } from "../../core/errors";
import { formatCidr, formatIp, parseIp } from "../wire/ip-address";
import { x25519PublicKey } from "./wireguard";

/** Sits between the /64 and the seed of a machine, so that no machine gets the gateway's address. */
const MACHINE_MARK = [0xff, 0x0f];

/** Address of the overlay node that has this public key: within 400::/7. */
export function myceliumAddress(publicKey: Uint8Array): Uint8Array {
  const address = blake3(publicKey, { dkLen: 16 });
  const first = address[0] ?? 0;
  const ones = first.toString(2).replaceAll("0", "").length;
  address[0] = 0x04 | (ones % 2);
  return address;
}

/**
 * The /64 of a network with this key.
 *
 * @param hexKey 64 hexadecimal digits
 */
export function myceliumSubnet(hexKey: string): string {
  return formatCidr({ bytes: Uint8Array.from([...prefixOf(hexKey), ...new Array<number>(8).fill(0)]), prefix: 64 });
}

/**
 * The address of a machine with this seed in a network with this key.
 *
 * @param hexKey 64 hexadecimal digits
 * @param hexSeed 12 hexadecimal digits, neither all 0 nor all f: the node refuses these when it starts the machine
 * @throws {GridError} TFG_BAD_MYCELIUM_KEY
 */
export function myceliumMachineIp(hexKey: string, hexSeed: string): string {
  if (!isUsableMyceliumSeed(hexSeed)) throw badMycelium("seed", "12 hexadecimal digits, neither all 0 nor all f");
  return formatIp(Uint8Array.from([...prefixOf(hexKey), ...MACHINE_MARK, ...Buffer.from(hexSeed, "hex")]));
}

/** True for 12 hexadecimal digits that are neither all 0 nor all f. */
export function isUsableMyceliumSeed(hexSeed: string): boolean {
  return /^[0-9a-f]{12}$/i.test(hexSeed) && !/^(0{12}|f{12})$/i.test(hexSeed);
}

/** The seed official clients give a machine: the last two octets of its address, each as six digits. */
export function defaultMyceliumSeed(machineIp: string): string {
  const bytes = parseIp(machineIp);
  if (bytes?.length !== 4) throw badMycelium("seed source", "the private IPv4 address of a machine");
  return [...bytes.subarray(2)].map((octet) => octet.toString(16).padStart(6, "0")).join("");
}

function prefixOf(hexKey: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(hexKey)) throw badMycelium("key", "64 hexadecimal digits");
  return myceliumAddress(x25519PublicKey(Buffer.from(hexKey, "hex"))).subarray(0, 8);
}

function badMycelium(what: string, allowed: string): GridError {
  return new GridError({
    code: "TFG_BAD_MYCELIUM_KEY",
    summary: `A mycelium ${what} is not ${allowed}.`,
    remedy: `give ${allowed}, or leave it out to have one derived.`,
  });
}
