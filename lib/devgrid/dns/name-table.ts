import { parseIp } from "../../model/wire/ip-address";

/** Where domain names point: nowhere, until they are set. */
export class NameTable {
  readonly #addresses: Map<string, readonly string[]>;

  constructor(addresses: Readonly<Record<string, readonly string[]>> = {}) {
    this.#addresses = new Map(Object.entries(addresses));
  }

  /** Points a name at IPv4 and IPv6 addresses; none takes it away. @throws when one of them is no address */
  set(name: string, addresses: readonly string[]): void {
    const wrong = addresses.find((address) => parseIp(address) === undefined);
    if (wrong !== undefined) throw new Error(`"${wrong}" is no IP address`);
    if (addresses.length === 0) this.#addresses.delete(keyOf(name));
    else this.#addresses.set(keyOf(name), [...addresses]);
  }

  /** Addresses of a name; none when nobody set it. */
  resolve(name: string): readonly string[] {
    return this.#addresses.get(keyOf(name)) ?? [];
  }

  /** Everything that was set, for the state file. */
  toJSON(): Record<string, readonly string[]> {
    return Object.fromEntries(this.#addresses);
  }
}

/** Names are the same in capitals and with the dot of the root. */
function keyOf(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
