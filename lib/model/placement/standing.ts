import type { Stamp } from "../deployment-data";
import type { PlacementRequest } from "./request";

/** Contracts that may stand for a request, by its key, the likeliest first. */
export type Standing = ReadonlyMap<string, readonly StandingContract[]>;

/** A live contract with our stamp, and where it is. */
export interface StandingContract {
  readonly contractId: number;
  readonly nodeId: number;
  readonly stamp: Stamp;
}

/**
 * Finds what already stands of a set of requests, by their stamps: the key of a request is the identity of what is placed.
 * So what is there is not counted twice, what is added keeps apart from it, and after a lost state everything is looked
 * for where it is.
 *
 * Members of a mesh have no contract of their own: `mesh/name` stands where a contract of `mesh` is on a node that holds
 * nothing else asked for, unless there are fewer of those than members, when nobody can tell who is new.
 *
 * @param project name of the project at its creation, or its lineage; undefined: any project, where only one of them
 * has something of that identity
 */
export function findStanding(
  contracts: readonly StandingContract[],
  requests: ReadonlyMap<string, PlacementRequest>,
  project: string | undefined,
): Standing {
  const own = contractsOf(project, contracts).sort((a, b) => a.contractId - b.contractId);
  const objects = byIdentity(own.filter((contract) => !isNetwork(contract)));
  const slices = byIdentity(own.filter(isNetwork));
  const placed = [...requests.keys()].map((key) => [key, ofOneProject(objects.get(key))] as const);
  const standing = new Map(placed.filter(([, here]) => here.length > 0));
  const occupied = new Set([...standing.values()].flat().map(({ nodeId }) => nodeId));
  const others = [...requests].filter(([key]) => !standing.has(key));
  for (const [mesh, members] of membersByMesh(others)) {
    const bare = ofOneProject(slices.get(mesh)).filter(({ nodeId }) => !occupied.has(nodeId));
    if (bare.length >= members.length) for (const key of members) standing.set(key, bare);
  }
  return standing;
}

/** The contracts of a project, by its name or lineage; all of them when it is undefined. */
export function contractsOf(project: string | undefined, contracts: readonly StandingContract[]): StandingContract[] {
  return contracts.filter(({ stamp }) => project === undefined || isOf(stamp.lineage, project));
}

/** A lineage is the name of the project at its creation, a dot and random digits; names hold no dot. */
function isOf(lineage: string, project: string): boolean {
  return lineage === project || lineage.startsWith(`${project}.`);
}

function isNetwork({ stamp }: StandingContract): boolean {
  return stamp.role.startsWith("network/");
}

/** A role is the kind of the object, a slash and its identity. */
function identityOf({ role }: Stamp): string {
  return role.slice(role.indexOf("/") + 1);
}

function ofOneProject(contracts: readonly StandingContract[] = []): readonly StandingContract[] {
  return new Set(contracts.map(({ stamp }) => stamp.lineage)).size === 1 ? contracts : [];
}

function byIdentity(contracts: readonly StandingContract[]): ReadonlyMap<string, readonly StandingContract[]> {
  const groups = new Map<string, StandingContract[]>();
  for (const contract of contracts) {
    const identity = identityOf(contract.stamp);
    groups.set(identity, [...(groups.get(identity) ?? []), contract]);
  }
  return groups;
}

/** Keys by the mesh they are members of. A member takes nothing of its node. */
function membersByMesh(requests: readonly [string, PlacementRequest][]): ReadonlyMap<string, readonly string[]> {
  const meshes = new Map<string, string[]>();
  for (const [key, { cru, mru, sru, hru }] of requests) {
    if (!key.includes("/") || cru + mru + sru + hru > 0) continue;
    const mesh = key.slice(0, key.lastIndexOf("/"));
    meshes.set(mesh, [...(meshes.get(mesh) ?? []), key]);
  }
  return meshes;
}
