import {
  type AccessPoint,
  chooseAccessNodes,
  type MeshMember,
  meshPeers,
  wgQuickConfig,
  wireguardPublicKey,
} from "../../../lib/model/mesh";
import { cidrContains, parseCidr } from "../../../lib/model/wire/ip-address";
import type { Peer } from "../../../lib/model/workloads/network";
import { readPeer } from "../../../lib/model/workloads/parts/mesh-slice";
import { expectSame, VectorEntry } from "./vector-entry";

/** Recomputes the peers of every node and the configurations of every user of one mesh. */
export function checkMesh(entry: VectorEntry): void {
  const members = entriesOf(entry, "nodes").map(memberOf);
  if (entry.raw("error")) {
    expectSame("refused", isRefused(members, entriesOf(entry, "user_accesses")), true);
    return;
  }
  const accessPoints = entriesOf(entry, "user_accesses").map(accessPointOf);
  const listed = listedPeers(entry, members);
  // The official client draws the access node of a hidden node at random: the vector shows which one it drew.
  const accessNodeOf = chooseAccessNodes(members, drawnAccessNodes(members, listed));
  const computed = meshPeers({ members, accessPoints, accessNodeOf });
  expectSame("nodes", [...computed.keys()].sort(), [...listed.keys()].sort());
  for (const [nodeId, peers] of listed) {
    expectSame(`peers of node ${nodeId}`, comparable(computed.get(nodeId) ?? []), comparable(peers));
  }
  for (const config of entriesOf(entry, "wg_quick")) checkWgQuick(entry, config, members);
}

function isRefused(members: readonly MeshMember[], accesses: readonly VectorEntry[]): boolean {
  // Official clients give users access through an access node with IPv4 only.
  const givesAccess = (nodeId: number) =>
    members.some((each) => each.nodeId === nodeId && each.isAccessNode && each.endpoint?.includes(".") === true);
  if (!accesses.every((access) => givesAccess(access.number("node_id")))) return true;
  try {
    chooseAccessNodes(members);
    return false;
  } catch {
    // A refusal is what is asked about.
    return true;
  }
}

function memberOf(node: VectorEntry): MeshMember {
  const publicKey = wireguardPublicKey(node.text("private_key"));
  expectSame("public_key", publicKey, node.text("public_key"));
  const endpoint = node.raw("endpoint_ip") === undefined ? undefined : node.text("endpoint_ip");
  const [nodeId, listenPort] = [node.number("node_id"), node.number("port")];
  return { nodeId, subnet: node.text("subnet"), publicKey, listenPort, endpoint, isAccessNode: node.flag("access") };
}

function accessPointOf(access: VectorEntry): AccessPoint {
  const publicKey = wireguardPublicKey(access.text("private_key"));
  expectSame("public_key", publicKey, access.text("public_key"));
  return { nodeId: access.number("node_id"), subnet: access.text("subnet"), publicKey };
}

function listedPeers(entry: VectorEntry, members: readonly MeshMember[]): Map<number, Peer[]> {
  const byNode = entry.entry("peers_by_node");
  return new Map(
    members.map(({ nodeId }) => {
      const peers = byNode.raw(String(nodeId));
      if (!Array.isArray(peers)) throw new Error(`no peers listed for node ${nodeId}`);
      return [nodeId, peers.map((peer) => readPeer(peer, `peer of node ${nodeId}`))];
    }),
  );
}

function drawnAccessNodes(members: readonly MeshMember[], listed: ReadonlyMap<number, Peer[]>): Map<number, number> {
  const byKey = new Map(members.map(({ publicKey, nodeId }) => [publicKey, nodeId]));
  const hidden = members.filter(({ endpoint }) => endpoint === undefined);
  return new Map(
    hidden.flatMap(({ nodeId }) => {
      const drawn = byKey.get(listed.get(nodeId)?.[0]?.wireguard_public_key ?? "");
      return drawn === undefined ? [] : [[nodeId, drawn] as const];
    }),
  );
}

/** Peers by key, allowed blocks as a sorted set: their order has no meaning. */
function comparable(peers: readonly Peer[]): Record<string, unknown> {
  const entries = peers.map((peer) => [
    peer.wireguard_public_key,
    { ...peer, allowed_ips: [...new Set(peer.allowed_ips)].sort() },
  ]);
  expectSame("peers with the same key", new Set(entries.map(([key]) => key)).size, peers.length);
  return Object.fromEntries(entries);
}

/** Compared by meaning: the official text allows one useless block where ours allows all of 100.64.0.0/16. */
function checkWgQuick(entry: VectorEntry, listed: VectorEntry, members: readonly MeshMember[]): void {
  const subnet = listed.text("subnet");
  const access = entriesOf(entry, "user_accesses").find((each) => each.text("subnet") === subnet);
  const node = members.find(({ nodeId }) => nodeId === access?.number("node_id"));
  if (!access || node?.endpoint === undefined) throw new Error(`nothing gives access to ${subnet}`);
  const ipRange = entry.text("ip_range");
  const text = wgQuickConfig(
    { subnet, privateKey: access.text("private_key") },
    { ...node, endpoint: node.endpoint },
    ipRange,
  );
  const { "Peer.AllowedIPs": ours = "", ...computed } = iniFields(text);
  const { "Peer.AllowedIPs": theirs = "", ...expected } = iniFields(listed.text("text"));
  expectSame(`wg_quick of ${subnet}`, computed, expected);
  const uncovered = blocksOf(theirs).filter((block) => !blocksOf(ours).some((each) => covers(each, block)));
  expectSame("blocks that wg_quick does not allow", uncovered, []);
  expectSame("wg_quick allows the range", blocksOf(ours).includes(ipRange), true);
}

function iniFields(text: string): Record<string, string> {
  let section = "";
  const fields: Record<string, string> = {};
  for (const line of text.split("\n").map((each) => each.trim())) {
    const [, header] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header;
    else if (key !== undefined && value !== undefined) fields[`${section}.${key}`] = value;
    else if (line !== "") throw new Error(`unexpected line ${line}`);
  }
  return fields;
}

function blocksOf(list: string): string[] {
  return list.split(",").map((block) => block.trim());
}

function covers(outer: string, inner: string): boolean {
  const [a, b] = [parseCidr(outer), parseCidr(inner)];
  return a !== undefined && b !== undefined && a.prefix <= b.prefix && cidrContains(a, b.bytes);
}

function entriesOf(entry: VectorEntry, name: string): VectorEntry[] {
  const value = entry.raw(name) ?? [];
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value.map((element) => new VectorEntry(element));
}
