import { Fn, Token } from "cdktf";
import type { GridError } from "../../core/errors";
import type { VirtualMachineProps } from "../virtual-machine";
import type { Zdb, ZdbConnection } from "../zdb";
import { badValue } from "./problems";

/** The environment of a machine: what its stores add, and its own. */
export function environmentOf(props: VirtualMachineProps): Partial<ZdbConnection> {
  const connections = Object.entries(props.connections ?? {}).map(([prefix, store]) =>
    connectionOf(props, prefix, store),
  );
  return {
    env: joined(props.env, ...connections.map(({ env }) => env)),
    secretEnv: joined(props.secretEnv, ...connections.map(({ secretEnv }) => secretEnv)),
  };
}

/** Stores answer on IPv6 only, and a variable belongs to one of them, or to the machine's own environment. */
export function checkConnections(props: VirtualMachineProps): readonly GridError[] {
  const stores = Object.entries(props.connections ?? {});
  if (stores.length === 0) return [];
  const own = Object.keys({ ...props.env, ...props.secretEnv });
  return [
    ...checkReach(props),
    ...stores.flatMap(([prefix, store]) => {
      if (!/^[A-Za-z_]\w*$/.test(prefix)) return [badPrefix(prefix)];
      const { env, secretEnv } = store.connection(prefix);
      const twice = Object.keys({ ...env, ...secretEnv }).find((name) => own.includes(name));
      return twice === undefined ? [] : [givenTwice(prefix, twice)];
    }),
  ];
}

/** The host is an address of a kind that the machine has, too: each kind is a network of its own. */
function connectionOf(props: VirtualMachineProps, prefix: string, store: Zdb): ZdbConnection {
  const { env, secretEnv } = store.connection(prefix);
  return { env: { ...env, [`${prefix}_HOST`]: addressFor(props, store) }, secretEnv };
}

function addressFor({ mycelium, publicIpv6, planetary }: VirtualMachineProps, store: Zdb): string {
  const [first = store.address, ...others] = [
    ...(mycelium ? [store.myceliumIp] : []),
    ...(publicIpv6 ? [store.publicIpv6] : []),
    ...(planetary ? [store.planetaryIp] : []),
  ];
  return others.length === 0 ? first : Token.asString(Fn.coalesce([first, ...others]));
}

function checkReach({ mycelium, publicIpv6, planetary }: VirtualMachineProps): readonly GridError[] {
  if (mycelium || publicIpv6 || planetary) return [];
  return [
    badValue({
      attribute: ["connections"],
      what: "lead nowhere from a machine without an IPv6 or overlay address",
      allowed: "stores for a machine with mycelium, publicIpv6 or planetary: they answer at such addresses only",
      remedy: "set mycelium: true.",
    }),
  ];
}

function badPrefix(prefix: string): GridError {
  return badValue({
    attribute: ["connections", prefix],
    what: "is no beginning of a variable's name",
    allowed: "letters, digits and _, not beginning with a digit",
    remedy: 'name it for example "ZDB".',
  });
}

function givenTwice(prefix: string, name: string): GridError {
  const remedy = `take ${name} out of the environment, or give the store another prefix.`;
  return badValue({
    attribute: ["connections", prefix],
    what: `sets ${name} again`,
    allowed: "each name once",
    remedy,
  });
}

function joined<T>(...maps: readonly (Readonly<Record<string, T>> | undefined)[]): Record<string, T> | undefined {
  const given = maps.filter((map) => map !== undefined);
  return given.length > 0 ? Object.assign({}, ...given) : undefined;
}
