import { GridError } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { askFirst } from "../../../engine/node/ask-first";
import { getEndpoint } from "../../../engine/node/node-endpoint";
import { linksOf, listOwnDeployments } from "../../../engine/node/own-deployments";
import type { NodeContract } from "../../../model/contract";
import { decodeStamp, type Stamp } from "../../../model/deployment-data";
import type { KeyDerivation } from "../../../model/key-derivation";
import { wireguardPublicKey } from "../../../model/mesh";
import { originOf } from "../../deployment/same-grid";
import type { CallContext, StateInput } from "../../resource";
import { type Dialling, guestsOf } from "./guests";
import { memberKeys } from "./keys";
import { readMemberSlice, type Slice } from "./member-slice";
import { reservedIn } from "./mesh";
import { byNumber, type MemberState, memberValue } from "./mesh-state";
import { networkSchema } from "./schema";

/** A member as it was found. */
interface Found {
  readonly member: MemberState;
  readonly slice: Slice;
  /** Machines of the same project in it: address by identity. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** Imports a mesh by the contract of any of its members; the others, and the machines in it, are found by their stamps. */
export async function importNetwork(id: string, context: CallContext): Promise<StateInput> {
  const account = await context.session.account(context.signal);
  const engine = await context.session.engine(context);
  const contract = /^\d{1,15}$/.test(id) ? await context.session.getContract(Number(id), context.signal) : undefined;
  const stamp = contract?.kind === "node" ? decodeStamp(contract.deploymentData) : undefined;
  if (!stamp?.role.startsWith("network/") || contract?.twinId !== account.twinId) throw nothingToImport(id);
  const contracts = await listMembers(engine, Number(id), stamp);
  const scope = stamp.lineage.slice(0, stamp.lineage.lastIndexOf("."));
  const mesh = { stamp, identity: stamp.role.slice("network/".length), keys: account.keys(scope) };
  const parts = await Promise.all(contracts.map((each) => readMember(engine, each, mesh)));
  const dialling = parts.flatMap(diallingIn);
  const found = parts.map((each) => ({ ...each, member: attached(each.member, dialling) }));
  const guests = dialling.filter(({ publicKey }) => !found.some(({ member }) => member.publicKey === publicKey));
  const hosts = found.flatMap(({ member, hosts: here }) => [...here].map(([name, ip]) => ({ name, ip, ...member })));
  const idle = found.filter(({ hosts: here }) => here.size === 0).map(({ member }) => member.nodeId);
  const [first] = found;
  const reserved = reservedIn(first?.slice.metadata ?? "");
  return {
    state: {
      ...Object.fromEntries(Object.keys(networkSchema.attributes).map((attribute) => [attribute, null])),
      project: { id: stamp.lineage, name: scope, key_scope: scope },
      name: mesh.identity.replace(/[^A-Za-z0-9_]/g, "_"),
      identity: mesh.identity,
      ip_range: first?.slice.data.ip_range ?? null,
      mycelium: hasMycelium(found.map(({ slice }) => slice)),
      network_name: first?.slice.name ?? null,
      hosts: hosts.length > 0 ? Object.fromEntries(hosts.map(({ name, nodeId }) => [name, nodeId])) : null,
      reserved: Object.keys(reserved).length > 0 ? { ...reserved } : null,
      nodes: idle.length > 0 ? idle.sort((a, b) => a - b) : null,
      addresses: Object.fromEntries(hosts.map(({ name, ip }) => [name, ip])),
      subnets: byNumber(found.map(({ member }) => [member.nodeId, member.subnet] as const)),
      members: byNumber(found.map(({ member }) => [member.nodeId, memberValue(member)] as const)),
      leaving: {},
      access_points: guestsOf(guests),
    },
    private: { ...originOf(account), isImported: true },
  };
}

/** Light nodes have it in any case: whether it was asked for shows on the others. */
function hasMycelium(slices: readonly Slice[]): boolean {
  const { data } = slices.find(({ type }) => type === "network") ?? slices[0] ?? {};
  return data?.mycelium !== undefined;
}

/** Who dials a member: hidden members and users' machines. */
function diallingIn({ member: { nodeId }, slice }: Found): Dialling[] {
  return slice.data.peers.flatMap(({ endpoint, subnet, wireguard_public_key: publicKey }) =>
    endpoint === "" ? [{ publicKey, subnet, nodeId }] : [],
  );
}

/** A hidden member with the one it dials. */
function attached(member: MemberState, dialling: readonly Dialling[]): MemberState {
  return { ...member, accessNode: dialling.find(({ publicKey }) => publicKey === member.publicKey)?.nodeId };
}

/** Contracts of the mesh: the one given, and those the directory lists with its stamp. */
async function listMembers(engine: EngineContext, contractId: number, stamp: Stamp): Promise<NodeContract[]> {
  const listed = await engine.ownContracts.listStamped(engine.signal);
  const ids = listed.filter((each) => isSame(each.stamp, stamp)).map((each) => each.contractId);
  const contracts = await engine.chain.getContracts([...new Set([contractId, ...ids])], engine.signal);
  return contracts.filter((each): each is NodeContract => each?.kind === "node");
}

/** The mesh that is imported. */
interface Imported {
  readonly stamp: Stamp;
  readonly identity: string;
  readonly keys: KeyDerivation;
}

async function readMember(engine: EngineContext, contract: NodeContract, mesh: Imported): Promise<Found> {
  const { nodeId, contractId } = contract;
  const own = decodeStamp(contract.deploymentData);
  const slice = await readMemberSlice(engine, contract);
  const intent = { nodeId, title: `network ${slice.name} on node ${nodeId}` };
  const [endpoint, hosts] = await askFirst(engine, intent, (twinId) =>
    Promise.all([
      getEndpoint(engine, twinId),
      listHosts(engine, { twinId, networkName: slice.name, mesh: mesh.stamp }),
    ]),
  );
  const { subnet, wireguard_private_key: privateKey, wireguard_listen_port: listenPort } = slice.data;
  const member: MemberState = {
    nodeId,
    type: slice.type,
    subnet,
    // A light node without WireGuard was given none; state has the one that it would be.
    publicKey:
      privateKey === "" ? memberKeys(mesh.keys, mesh.identity, nodeId).publicKey : wireguardPublicKey(privateKey),
    listenPort,
    endpoint,
    accessNode: undefined,
    contractId,
    token: own?.token ?? "",
    hash: contract.deploymentHash,
    status: "ok",
  };
  return { member, slice, hosts };
}

/** Machines of the mesh's project that are in it on one node. */
async function listHosts(
  engine: EngineContext,
  wanted: { readonly twinId: number; readonly networkName: string; readonly mesh: Stamp },
): Promise<Map<string, string>> {
  const deployments = await listOwnDeployments(engine, wanted.twinId);
  const joined = deployments.flatMap(({ contractId, workloads }) => {
    const link = workloads.flatMap(linksOf).find(({ network }) => network === wanted.networkName);
    return link ? [{ contractId, ip: link.ip }] : [];
  });
  const contracts = await engine.chain.getContracts(
    joined.map(({ contractId }) => contractId),
    engine.signal,
  );
  return new Map(
    joined.flatMap(({ ip }, index): [string, string][] => {
      const contract = contracts[index];
      const stamp = contract?.kind === "node" ? decodeStamp(contract.deploymentData) : undefined;
      const isOurs = stamp?.lineage === wanted.mesh.lineage && stamp.role.startsWith("virtual_machine/");
      return isOurs ? [[stamp.role.slice("virtual_machine/".length), ip]] : [];
    }),
  );
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.lineage === b.lineage && a.role === b.role;
}

function nothingToImport(id: string): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Contract "${id.slice(0, 40)}" is no network of this provider and this account.`,
    facts: { given: id.slice(0, 40), allowed: "the number of a member's node contract" },
    standing: "Nothing was changed.",
    remedy: "look the contract's number up in the dashboard; check the account and the network.",
  });
}
