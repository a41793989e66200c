import type { DeploymentTarget, WantedWorkload } from "../../../engine/deployment-target";
import type { KeyDerivation } from "../../../model/key-derivation";
import { type AddressBook, allocateAddresses } from "../../../model/mesh";
import type { Peer } from "../../../model/workloads/network";
import { type Origin, readOrigin } from "../../deployment/same-grid";
import type { PrivateData } from "../../resource";
import { Attributes } from "../../schema/attributes";
import type { ObjectValue } from "../../schema/value";
import type { Account } from "../../session";
import { withGuestsNamed } from "./guests";
import { accessKeys, memberKeys, myceliumKey } from "./keys";
import { type AccessState, accessNodesOf, accessOf, bookOf, type MemberState, needsOf } from "./mesh-state";

/** A mesh with its addresses given out. */
export interface Mesh {
  /** User's name for it. */
  readonly name: string;
  readonly identity: string;
  readonly lineage: string;
  /** Name on the grid. */
  readonly networkName: string;
  readonly ipRange: string;
  readonly hasMycelium: boolean;
  readonly projectName: string;
  readonly book: AddressBook;
  readonly keys: KeyDerivation;
  /** Users' machines, not yet attached. */
  readonly accessPoints: readonly AccessState[];
  /** Those that were attached before. */
  readonly earlierAccess: readonly AccessState[];
  /** The member each of them is to dial, where that was said. */
  readonly accessNodes: ReadonlyMap<string, number>;
  /** Address blocks of other stacks by name, for them to read. */
  readonly reserved: Readonly<Record<string, string>>;
  /** Planned attributes. */
  readonly values: ObjectValue;
}

/** Gives out the addresses of a planned mesh: the same decision as the plan's. */
export function allocateFor(values: ObjectValue, prior: ObjectValue | null, account: Account): Mesh {
  const attributes = new Attributes(values);
  const project = attributes.requireObject("project");
  const keys = account.keys(project.requireText("key_scope"));
  const identity = attributes.requireText("identity");
  const earlier = prior && withGuestsNamed(prior, values, keys);
  const book = allocateAddresses(needsOf(values), bookOf(earlier));
  return {
    name: attributes.requireText("name"),
    identity,
    lineage: project.requireText("id"),
    networkName: attributes.requireText("network_name"),
    ipRange: attributes.requireText("ip_range"),
    hasMycelium: attributes.flag("mycelium"),
    projectName: project.requireText("name"),
    book,
    keys,
    accessPoints: [...book.accessSubnets].map(([name, subnet]) => ({
      name,
      subnet,
      publicKey: accessKeys(keys, identity, name).publicKey,
      nodeId: undefined,
    })),
    accessNodes: accessNodesOf(values),
    earlierAccess: accessOf(earlier),
    reserved: attributes.textMap("reserved"),
    values,
  };
}

/** The deployment of one member. Users' private keys are derived and never sent to nodes. */
export function memberTarget(mesh: Mesh, member: MemberState, peers: readonly Peer[]): DeploymentTarget {
  const { identity } = mesh;
  const { type } = member;
  const label = { version: 3, type, name: mesh.networkName, projectName: mesh.projectName };
  const role = `network/${identity}`;
  return {
    title: `network ${mesh.name} on node ${member.nodeId}`,
    label,
    lineage: mesh.lineage,
    role,
    nodeId: member.nodeId,
    publicIps: 0,
    metadata: JSON.stringify({ version: type === "network" ? 3 : 4, type, name: mesh.networkName, projectName: "" }),
    description: memberSalt(mesh, member.nodeId),
    workloads: [sliceOf(mesh, member, peers)],
  };
}

/** What the description of a member's deployment holds: by that it is known when its stamp is lost. */
export function memberSalt({ keys, identity }: Pick<Mesh, "keys" | "identity">, nodeId: number): string {
  return keys.bytes({ kind: "salt", identity: `network/${identity}`, nodeId }, 16).toString("hex");
}

function sliceOf(mesh: Mesh, member: MemberState, peers: readonly Peer[]): WantedWorkload {
  const { keys, identity } = mesh;
  const { nodeId, type, subnet, listenPort = 0 } = member;
  const mycelium = { hex_key: myceliumKey(keys, identity, nodeId), peers: [] };
  const frame = {
    name: mesh.networkName,
    metadata: sliceMetadata(mesh.reserved),
    description: "",
  };
  const data = {
    ip_range: mesh.ipRange,
    subnet,
    // Without a key a light node leaves WireGuard off.
    wireguard_private_key: listenPort === 0 ? "" : memberKeys(keys, identity, nodeId).privateKey,
    wireguard_listen_port: listenPort,
    peers: [...peers],
  };
  // Light nodes take no network without mycelium.
  if (type === "network-light") return { ...frame, type, data: { ...data, mycelium } };
  return { ...frame, type, data: { ...data, ...(mesh.hasMycelium ? { mycelium } : {}) } };
}

/** What a network workload says to clients: official keys first, then what other stacks may use. */
function sliceMetadata(reserved: Readonly<Record<string, string>>): string {
  const blocks = Object.entries(reserved).sort(([a], [b]) => (a < b ? -1 : 1));
  const own = blocks.length > 0 ? { cdktf: { reserved: Object.fromEntries(blocks) } } : {};
  return JSON.stringify({ version: 3, user_accesses: [], ...own });
}

/** Reads the address blocks of other stacks out of a network workload's metadata. */
export function reservedIn(metadata: string): Readonly<Record<string, string>> {
  try {
    const { cdktf } = JSON.parse(metadata) as { cdktf?: { reserved?: unknown } };
    return isTextMap(cdktf?.reserved) ? cdktf.reserved : {};
  } catch {
    // Other clients write what they like there.
    return {};
  }
}

/** What is kept beside the state of a mesh: which grid it lives on. No secrets. */
export interface NetworkPrivate extends Origin {
  /** Hashes other clients put on members' contracts, by node id. */
  readonly seen: Readonly<Record<string, string>>;
  /** Members that have yet to be brought to what state says, by node id: kept until an apply did. */
  readonly behind: readonly number[];
}

/** Reads what Terraform kept; undefined for a mesh that has none yet. */
export function readNetworkPrivate(data: PrivateData): NetworkPrivate | undefined {
  const { seen, behind } = data;
  const origin = readOrigin(data);
  return origin && { ...origin, seen: isTextMap(seen) ? seen : {}, behind: isNumbers(behind) ? behind : [] };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function isTextMap(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string");
}
