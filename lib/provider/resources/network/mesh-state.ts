import type { DeploymentRecord } from "../../../engine/deployment-target";
import { type AddressBook, type AddressNeeds, parseHostRange } from "../../../model/mesh";
import { Attributes } from "../../schema/attributes";
import { isWhollyKnown, type ObjectValue, type Value } from "../../schema/value";

/** A member as state knows it. */
export interface MemberState {
  readonly nodeId: number;
  /** Kind of its workload: light nodes have one of their own. */
  readonly type: "network" | "network-light";
  readonly subnet: string;
  readonly publicKey: string;
  /** 0 on a light node without WireGuard; undefined until it was chosen. */
  readonly listenPort: number | undefined;
  /** "" when hidden; undefined until it was asked. */
  readonly endpoint: string | undefined;
  readonly accessNode: number | undefined;
  /** Undefined until its contract was made. */
  readonly contractId: number | undefined;
  /** Token of the contract's stamp. */
  readonly token: string;
  readonly hash: string;
  readonly status: string;
}

/** A user access point as state knows it. */
export interface AccessState {
  readonly name: string;
  readonly subnet: string;
  readonly publicKey: string;
  readonly nodeId: number | undefined;
}

/** Attributes that decide who is in the mesh. */
export const MESH_INPUTS = ["ip_range", "mycelium", "hosts", "nodes", "access", "access_nodes", "reserved"] as const;

/** True when everything that decides who is in the mesh is known. */
export function isMeshKnown(values: ObjectValue): boolean {
  return MESH_INPUTS.every((name) => isWhollyKnown(values[name] ?? null));
}

/** What the configuration asks addresses for. */
export function needsOf(values: ObjectValue): AddressNeeds {
  const attributes = new Attributes(values);
  const hosts = new Map(Object.entries(attributes.numberMap("hosts")));
  return {
    ipRange: attributes.requireText("ip_range"),
    nodeIds: [...hosts.values(), ...attributes.numbers("nodes")],
    hosts,
    access: attributes.texts("access"),
    reserved: Object.values(attributes.textMap("reserved")).flatMap((range) => parseHostRange(range) ?? []),
  };
}

/** Who had which addresses, as state remembers. */
export function bookOf(state: ObjectValue | null): AddressBook {
  if (state === null) return { subnets: new Map(), hosts: new Map(), accessSubnets: new Map() };
  const attributes = new Attributes(state);
  const nodes = attributes.numberMap("hosts");
  const addresses = Object.entries(attributes.textMap("addresses"));
  return {
    subnets: new Map([
      ...[...leavingOf(state)].map(([id, { subnet }]) => [id, subnet] as const),
      ...Object.entries(attributes.textMap("subnets")).map(([id, subnet]) => [Number(id), subnet] as const),
    ]),
    hosts: new Map(addresses.map(([name, ip]) => [name, { nodeId: nodes[name] ?? 0, ip }])),
    accessSubnets: new Map(accessOf(state).map(({ name, subnet }) => [name, subnet])),
  };
}

/** The member that users' computers are to dial, by name, where that was said. */
export function accessNodesOf(values: ObjectValue): Map<string, number> {
  return new Map(Object.entries(new Attributes(values).numberMap("access_nodes")));
}

/** Members as state remembers them, by node id. */
export function membersOf(state: ObjectValue | null): Map<number, MemberState> {
  return membersIn(state, "members");
}

/** Members that are wanted no longer and were not yet ended, by node id. */
export function leavingOf(state: ObjectValue | null): Map<number, MemberState> {
  return membersIn(state, "leaving");
}

/** Members and leaving ones: everything that has a contract. */
export function allMembersOf(state: ObjectValue | null): Map<number, MemberState> {
  return new Map([...leavingOf(state), ...membersOf(state)]);
}

function membersIn(state: ObjectValue | null, attribute: "members" | "leaving"): Map<number, MemberState> {
  if (state === null || !isWhollyKnown(state[attribute] ?? null)) return new Map();
  return new Map(
    [...new Attributes(state).objectMap(attribute)].map(([id, member]) => {
      const contract = member.text("contract_id");
      const nodeId = Number(id);
      return [
        nodeId,
        {
          nodeId,
          type: member.text("type") === "network-light" ? "network-light" : "network",
          subnet: member.text("subnet") ?? "",
          publicKey: member.text("public_key") ?? "",
          listenPort: member.number("listen_port"),
          endpoint: member.text("endpoint"),
          accessNode: member.number("access_node"),
          contractId: contract === undefined ? undefined : Number(contract),
          token: member.text("stamp") ?? "",
          hash: member.text("deployment_hash") ?? "",
          status: member.text("status") ?? "pending",
        },
      ] as const;
    }),
  );
}

/** Access points as state remembers them. */
export function accessOf(state: ObjectValue | null): AccessState[] {
  if (state === null || !isWhollyKnown(state.access_points ?? null)) return [];
  return [...new Attributes(state).objectMap("access_points")].map(([name, point]) => ({
    name,
    subnet: point.text("subnet") ?? "",
    publicKey: point.text("public_key") ?? "",
    nodeId: point.number("node_id"),
  }));
}

/** A member in the schema's words. */
export function memberValue(member: MemberState): ObjectValue {
  return {
    type: member.type,
    subnet: member.subnet,
    public_key: member.publicKey,
    listen_port: member.listenPort ?? null,
    endpoint: member.endpoint ?? null,
    access_node: member.accessNode ?? null,
    contract_id: member.contractId === undefined ? null : String(member.contractId),
    deployment_hash: member.hash,
    stamp: member.token,
    status: member.status,
  };
}

/** What the engine has to know of a member's contract; undefined while it has none. */
export function recordOf({ contractId, token, hash }: MemberState): DeploymentRecord | undefined {
  return contractId === undefined ? undefined : { contractId, token, hash };
}

/** A map of schema values by number. */
export function byNumber(entries: Iterable<readonly [number, Value]>): ObjectValue {
  return Object.fromEntries([...entries].map(([id, value]) => [String(id), value]));
}
