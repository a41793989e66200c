import { GridError } from "../../core/errors";
import { Secret } from "../../core/secret";
import { KeyDerivation } from "../../model/key-derivation";
import { wgQuickConfig, wireguardAddress } from "../../model/mesh";
import { accessKeys } from "../../provider/resources/network/keys";
import { type NetworkPrivate, readNetworkPrivate } from "../../provider/resources/network/mesh";
import { type AccessState, accessOf, membersOf } from "../../provider/resources/network/mesh-state";
import { Attributes } from "../../provider/schema/attributes";
import type { StackState, StateObject } from "../stack/stack-state";

interface NamedMesh {
  /** User's name for it. */
  readonly name: string;
  /** Where it was found. */
  readonly stack: StackState;
  readonly object: StateObject;
}

/** A mesh in a state. */
export interface FoundMesh extends NamedMesh {
  /** On which grid it lives. */
  readonly origin: Pick<NetworkPrivate, "genesis" | "network">;
}

/** A user's way into a mesh. */
export interface MeshAccess {
  /** WireGuard address of the user's machine. */
  readonly address: string;
  /** Base64. */
  readonly publicKey: string;
  /** The member that is dialled. */
  readonly nodeId: number;
  /** wg-quick file; holds the private key of this access point and no other. */
  readonly config: Secret;
}

/**
 * Finds a mesh by its name.
 *
 * @throws {GridError} TFG_NO_MESH when there is none, or one in each of several stacks; TFG_ACCESS_NOT_READY when it was
 * never applied
 */
export function requireMesh(stacks: readonly StackState[], name: string): FoundMesh {
  const meshes = stacks.flatMap((stack) =>
    stack.objects
      .filter(({ type }) => type === "threefold_network")
      .map((object) => ({
        name: new Attributes(object.attributes).text("name") ?? "",
        stack,
        object,
      })),
  );
  const found = meshes.filter((mesh) => mesh.name === name);
  const [mesh] = found;
  if (!mesh) throw noMesh(name, meshes, stacks);
  if (found.length > 1) throw severalMeshes(name, found);
  const origin = readNetworkPrivate(mesh.object.private);
  if (!origin) throw notReady(name, "the mesh was never applied");
  return { ...mesh, origin };
}

/**
 * Puts together what a user's machine needs to dial into a mesh. Asks no network: everything follows from the state and
 * the account's secret.
 *
 * @param keyRoot what keys are derived from
 * @throws {GridError} TFG_NO_ACCESS_POINT, TFG_ACCESS_NOT_READY, TFG_OTHER_SECRET
 */
export function meshAccess({ object, name: meshName, origin }: FoundMesh, name: string, keyRoot: Secret): MeshAccess {
  const points = accessOf(object.attributes);
  const point = points.find((candidate) => candidate.name === name);
  if (!point) throw noAccessPoint(meshName, name, points);
  const node = dialledNode(object, meshName, point);
  const attributes = new Attributes(object.attributes);
  const scope = attributes.requireObject("project").requireText("key_scope");
  const keys = accessKeys(new KeyDerivation(keyRoot, origin.genesis, scope), attributes.requireText("identity"), name);
  if (keys.publicKey !== point.publicKey) throw otherSecret(meshName, point, keys.publicKey);
  const access = { subnet: point.subnet, privateKey: keys.privateKey };
  return {
    address: wireguardAddress(point.subnet),
    publicKey: keys.publicKey,
    nodeId: node.nodeId,
    config: new Secret(wgQuickConfig(access, node, attributes.requireText("ip_range"))),
  };
}

function dialledNode(object: StateObject, meshName: string, { name, nodeId }: AccessState) {
  const member = nodeId === undefined ? undefined : membersOf(object.attributes).get(nodeId);
  if (!member) throw notReady(meshName, `access point ${name} is not attached to a node`);
  const { endpoint, listenPort, publicKey } = member;
  if (!endpoint || listenPort === undefined) {
    throw notReady(meshName, `node ${member.nodeId}, which ${name} dials, has no public address yet`);
  }
  return { nodeId: member.nodeId, endpoint, listenPort, publicKey };
}

function noMesh(given: string, meshes: readonly NamedMesh[], stacks: readonly StackState[]): GridError {
  const known = meshes.map(({ name, stack }) => `${name} (${stack.title})`).join(", ");
  return new GridError({
    code: "TFG_NO_MESH",
    summary: `There is no mesh "${given}" in the state.`,
    facts: { given, meshes: known || "none", "looked in": stacks.map(({ title }) => title).join(", ") },
    remedy: known ? "give the name of one of these meshes." : "deploy the stack that declares it first.",
  });
}

function severalMeshes(name: string, found: readonly NamedMesh[]): GridError {
  return new GridError({
    code: "TFG_NO_MESH",
    summary: `There are ${found.length} meshes "${name}".`,
    facts: { "found in": found.map(({ stack }) => stack.title).join(", ") },
    remedy: "say which one with --stack NAME.",
  });
}

function noAccessPoint(mesh: string, given: string, points: readonly AccessState[]): GridError {
  const known = points.map(({ name }) => name).join(", ");
  return new GridError({
    code: "TFG_NO_ACCESS_POINT",
    summary: `The mesh "${mesh}" has no access point "${given}".`,
    facts: { given, "access points": known || "none" },
    remedy: known ? "give one of these names." : `declare it: access: ["${given}"] of the mesh, then deploy.`,
  });
}

function notReady(mesh: string, reason: string): GridError {
  return new GridError({
    code: "TFG_ACCESS_NOT_READY",
    summary: `The mesh "${mesh}" cannot be dialled yet.`,
    facts: { because: reason },
    remedy: "deploy again; a mesh needs a member node with a public IPv4 address to be dialled.",
  });
}

function otherSecret(mesh: string, { name, publicKey }: AccessState, derived: string): GridError {
  return new GridError({
    code: "TFG_OTHER_SECRET",
    summary: `The keys of mesh "${mesh}" were derived from another secret.`,
    facts: { "access point": name, "public key in state": publicKey, "public key here": derived },
    standing: "Nothing was printed: a configuration with this key would not connect.",
    remedy: "use the mnemonic (or THREEFOLD_KEY_SECRET) and key type that the mesh was deployed with.",
  });
}
