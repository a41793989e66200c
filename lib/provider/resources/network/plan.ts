import type { AttributePath } from "../../../core/errors";
import { networkNameOnGrid } from "../../../model/identity";
import type { KeyDerivation } from "../../../model/key-derivation";
import { type AddressBook, allocateAddresses, type HostRange, isInHostRange } from "../../../model/mesh";
import { isImported } from "../../deployment/deployment-private";
import { isSameProject, requireImportable } from "../../deployment/same-project";
import { type CallContext, isFilled, type PlanInput, type PlanOutput } from "../../resource";
import { badValue } from "../../schema/finding";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../../schema/value";
import { withGuestsNamed } from "./guests";
import { accessKeys, memberKeys } from "./keys";
import {
  accessNodesOf,
  accessOf,
  allMembersOf,
  bookOf,
  byNumber,
  isMeshKnown,
  type MemberState,
  memberValue,
  needsOf,
} from "./mesh-state";
import { warnOfLostAccess } from "./plan-warnings";

/** States of a member that the next apply repairs. */
const REPAIRED: readonly string[] = ["pending", "error", "absent", "drifted", "migrated"];

const OUTPUTS = ["addresses", "subnets", "members", "leaving", "access_points"] as const;

/** Plans a mesh: addresses and keys are known now, ports and endpoints of new members only at apply. */
export async function planNetwork(input: PlanInput, context: CallContext): Promise<PlanOutput> {
  const base = complete(input.proposed, input.config);
  const { prior } = input;
  if (prior !== null && isImported(input.priorPrivate)) requireImportable(`network ${String(prior.name)}`, prior, base);
  const replace = prior === null ? [] : fixedChanges(prior, base);
  // Of a replacement the new mesh is planned on its own, and lays its claim then.
  if (replace.length === 0) layClaim(base, input, context);
  const scope = isObjectValue(base.project) ? (base.project.key_scope ?? null) : UNKNOWN;
  if (typeof scope !== "string" || typeof base.identity !== "string" || typeof base.name !== "string") {
    return { planned: { ...base, ...unknown(["network_name", ...OUTPUTS]) }, replace };
  }
  const earlierName = prior?.network_name ?? null;
  const named: ObjectValue = {
    ...base,
    network_name: earlierName ?? networkNameOnGrid(base.name, scope, base.identity),
  };
  if (!isMeshKnown(base)) return { planned: { ...named, ...partlyKnown(base, prior) }, replace };
  const keys = (await context.session.account(context.signal)).keys(scope);
  const earlier = replace.length > 0 || prior === null ? null : withGuestsNamed(prior, base, keys);
  const book = allocateAddresses(needsOf(base), bookOf(earlier));
  requireUnused(needsOf(base).reserved, book);
  const wanted = accessNodesOf(base);
  requireMembers(wanted, [...book.subnets.keys()]);
  if (earlier !== null) {
    const change = { name: base.name, before: allMembersOf(earlier), nodeIds: [...book.subnets.keys()] };
    const access = accessOf(earlier).filter(({ name }) => book.accessSubnets.has(name));
    const hasUnassigned = [...book.accessSubnets.keys()].some((name) => !wanted.has(name));
    warnOfLostAccess({ ...change, access, wanted, hasUnassigned }, context);
  }
  return { planned: { ...named, ...planned({ book, base, earlier, keys }) }, replace };
}

/** What users' machines are to dial has to be in the mesh. */
function requireMembers(wanted: ReadonlyMap<string, number>, nodeIds: readonly number[]): void {
  for (const [name, nodeId] of wanted) {
    if (nodeIds.includes(nodeId)) continue;
    const allowed = `a member of the mesh: ${nodeIds.join(", ")}`;
    throw badValue({ attribute: ["access_nodes", name], given: nodeId, allowed });
  }
}

/** What a host of the mesh has cannot be kept for others. */
function requireUnused(reserved: readonly HostRange[], { hosts }: AddressBook): void {
  for (const [host, { ip }] of hosts) {
    const range = reserved.find((each) => isInHostRange(each, ip));
    if (!range) continue;
    const given = `${range.first}-${range.last}`;
    throw badValue({ attribute: ["reserved"], given, allowed: `numbers that no host has; ${host} has ${ip}` });
  }
}

function layClaim(base: ObjectValue, { prior, config, priorPrivate }: PlanInput, { session }: CallContext): void {
  const scope = isObjectValue(base.project) ? base.project.key_scope : UNKNOWN;
  if (typeof scope !== "string" || typeof base.identity !== "string") return;
  const contracts = [...allMembersOf(prior).values()].map(({ contractId }) => contractId);
  const standing = prior === null ? undefined : contracts.join();
  const isRemembered = isFilled(priorPrivate);
  session.claims.takeIdentity({ scope, role: `network/${base.identity}` }, { standing, config, isRemembered });
}

function complete(proposed: ObjectValue, config: ObjectValue): ObjectValue {
  return {
    ...proposed,
    identity: proposed.identity ?? config.name ?? UNKNOWN,
    ip_range: config.ip_range ?? "10.20.0.0/16",
    mycelium: config.mycelium ?? true,
  };
}

function fixedChanges(prior: ObjectValue, base: ObjectValue): AttributePath[] {
  const paths: AttributePath[] = ["ip_range", "identity"]
    .filter((name) => !valuesEqual(prior[name] ?? null, base[name] ?? null))
    .map((name) => [name]);
  return isSameProject(prior, base) ? paths : [...paths, ["project"]];
}

interface Planning {
  readonly book: AddressBook;
  readonly base: ObjectValue;
  readonly earlier: ObjectValue | null;
  readonly keys: KeyDerivation;
}

function planned({ book, base, earlier, keys }: Planning): ObjectValue {
  const identity = String(base.identity);
  const before = allMembersOf(earlier);
  const points = new Map(accessOf(earlier).map((point) => [point.name, point]));
  const isChanged =
    earlier === null ||
    !valuesEqual(earlier.mycelium ?? null, base.mycelium ?? null) ||
    !valuesEqual(earlier.reserved ?? null, base.reserved ?? null) ||
    // Their labels carry the project's name.
    !valuesEqual(earlier.project ?? null, base.project ?? null) ||
    [...before.values()].some(changesPeers) ||
    [...accessNodesOf(base)].some(([name, nodeId]) => points.get(name)?.nodeId !== nodeId) ||
    !sameKeys(before, book.subnets) ||
    !sameKeys(points, book.accessSubnets);
  const members = [...book.subnets].map(([nodeId, subnet]) => {
    const publicKey = memberKeys(keys, identity, nodeId).publicKey;
    return [nodeId, plannedMember(before.get(nodeId), { subnet, publicKey, isChanged })] as const;
  });
  const access = [...book.accessSubnets].map(([name, subnet]) => {
    const point = points.get(name);
    const nodeId = accessNodesOf(base).get(name) ?? (isChanged ? UNKNOWN : (point?.nodeId ?? UNKNOWN));
    return [name, { subnet, public_key: accessKeys(keys, identity, name).publicKey, node_id: nodeId }] as const;
  });
  return {
    addresses: Object.fromEntries([...book.hosts].map(([name, { ip }]) => [name, ip])),
    subnets: byNumber(book.subnets),
    members: byNumber(members),
    // Whether machines still run on a node that leaves is found at apply.
    leaving: [...before.keys()].some((nodeId) => !book.subnets.has(nodeId)) ? UNKNOWN : {},
    access_points: Object.fromEntries(access),
  };
}

/** What a member will be: a new one's port and endpoint, and the hash of one whose peers may change, are found at apply. */
function plannedMember(
  before: MemberState | undefined,
  wanted: { readonly subnet: string; readonly publicKey: string; readonly isChanged: boolean },
): ObjectValue {
  const known = { subnet: wanted.subnet, public_key: wanted.publicKey };
  if (before?.contractId === undefined) {
    const open = [
      "type",
      "listen_port",
      "endpoint",
      "access_node",
      "contract_id",
      "deployment_hash",
      "stamp",
      "status",
    ] as const;
    return { ...known, ...unknown(open) };
  }
  const kept = { ...memberValue(before), ...known };
  const isTouched = wanted.isChanged || REPAIRED.includes(before.status);
  if (!isTouched) return kept;
  // A light node that was alone in the mesh and had no use for a port, or was down when it was asked for one.
  const port = (before.listenPort ?? 0) === 0 ? unknown(["listen_port", "type", "endpoint"]) : {};
  const contract = before.status === "migrated" ? unknown(["contract_id", "stamp"]) : {};
  return { ...kept, ...port, ...contract, access_node: UNKNOWN, deployment_hash: UNKNOWN, status: UNKNOWN };
}

/** A member whose address or port the others have yet to learn. */
function changesPeers({ contractId, status }: MemberState): boolean {
  return contractId === undefined || status === "drifted";
}

function sameKeys(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}

/** While a node is still being chosen, hosts on known nodes keep their addresses and only the others are unknown. */
function partlyKnown(base: ObjectValue, prior: ObjectValue | null): ObjectValue {
  const { hosts } = base;
  if (!isObjectValue(hosts)) return unknown(OUTPUTS);
  const before = bookOf(prior).hosts;
  const addresses = Object.entries(hosts).map(([name, node]): [string, Value] => {
    const known = before.get(name);
    return [name, known && node === known.nodeId ? known.ip : UNKNOWN];
  });
  return { ...unknown(OUTPUTS), addresses: Object.fromEntries(addresses) };
}

function unknown(names: readonly string[]): ObjectValue {
  return Object.fromEntries(names.map((name) => [name, UNKNOWN]));
}
