import fc from "fast-check";
import {
  type AccessPoint,
  canGiveAccess,
  chooseAccessNodes,
  type MeshMember,
  type MeshTopology,
  meshPeers,
} from "../../../lib/model/mesh";
import { MeshSimulation } from "../../support/mesh-simulation";

const IP_RANGE = "10.20.0.0/16";

type Kind = "ipv4" | "ipv6" | "hidden";

const endpoints: Record<Kind, (nodeId: number) => string | undefined> = {
  ipv4: (nodeId) => `185.206.122.${nodeId}`,
  ipv6: (nodeId) => `2a10:b600::${nodeId}`,
  hidden: () => undefined,
};

function member(nodeId: number, kind: Kind, third = nodeId): MeshMember {
  const subnet = `10.20.${third}.0/24`;
  return { nodeId, subnet, publicKey: `node${nodeId}`, listenPort: 2000 + nodeId, endpoint: endpoints[kind](nodeId) };
}

function topologyOf(members: readonly MeshMember[], accessPoints: readonly AccessPoint[] = []): MeshTopology {
  return { members, accessPoints, accessNodeOf: chooseAccessNodes(members) };
}

/** A mesh, and which of its nodes can send to IPv6 addresses. */
interface DrawnMesh {
  readonly topology: MeshTopology;
  readonly ipv6Nodes: ReadonlySet<number>;
}

/**
 * Meshes with at least one access node, of up to 12 nodes: some of them hidden, some reachable by IPv6 only, some
 * without IPv6; users attached to access nodes at random, hidden nodes left where they once were.
 */
const meshes: fc.Arbitrary<DrawnMesh> = fc
  .record({
    kinds: fc.array(fc.constantFrom<Kind>("ipv4", "ipv6", "hidden"), { maxLength: 11 }),
    order: fc.shuffledSubarray(
      Array.from({ length: 12 }, (_, i) => i),
      { minLength: 12 },
    ),
    users: fc.array(fc.nat(), { maxLength: 4 }),
    earlier: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
    hasIpv6: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  })
  .map(({ kinds, order, users, earlier, hasIpv6 }) => {
    const all = ["ipv4" as const, ...kinds].map((kind, i) => member((order[i] ?? 0) + 11, kind, i + 2));
    const able = all.filter(canGiveAccess);
    const pick = (n: number) => able[n % able.length]?.nodeId ?? 0;
    const accessPoints = users.map((n, i) => ({
      nodeId: pick(n),
      subnet: `10.20.${200 + i}.0/24`,
      publicKey: `user${i}`,
    }));
    const before = new Map(all.map(({ nodeId }, i) => [nodeId, pick(earlier[i] ?? 0)]));
    const ipv6 = all.filter(({ endpoint }, i) => endpoint?.includes(":") || hasIpv6[i]).map(({ nodeId }) => nodeId);
    const topology = { members: all, accessPoints, accessNodeOf: chooseAccessNodes(all, before) };
    return { topology, ipv6Nodes: new Set(ipv6) };
  });

function simulate({ topology, ipv6Nodes }: DrawnMesh, peersOf = meshPeers(topology)): MeshSimulation {
  return new MeshSimulation({ topology, peersOf, ipRange: IP_RANGE, ipv6Nodes });
}

describe("the peers of a mesh", () => {
  it("let every machine, node and user reach every other without loop or overlap, whatever the mix", () => {
    fc.assert(
      fc.property(meshes, (mesh) => {
        const simulation = simulate(mesh);
        expect({ failures: simulation.failures(), overlaps: simulation.overlaps() }).toEqual({
          failures: [],
          overlaps: [],
        });
      }),
      { numRuns: 5_000 },
    );
  });

  it("are never two with one key", () => {
    fc.assert(
      fc.property(meshes, ({ topology }) => {
        for (const peers of meshPeers(topology).values()) {
          expect(new Set(peers.map((peer) => peer.wireguard_public_key)).size).toBe(peers.length);
        }
      }),
    );
  });

  it("do not depend on the order of members and access points", () => {
    fc.assert(
      fc.property(meshes, ({ topology }) => {
        const { members, accessPoints, accessNodeOf } = topology;
        const turned = { members: [...members].reverse(), accessPoints: [...accessPoints].reverse(), accessNodeOf };
        expect(meshPeers(turned)).toEqual(meshPeers(topology));
      }),
    );
  });

  it("of a public node do not change when a hidden node joins elsewhere, but for the block that it adds", () => {
    const before = meshPeers(topologyOf([member(11, "ipv4"), member(12, "ipv4")])).get(12);
    const after = meshPeers(topologyOf([member(11, "ipv4"), member(12, "ipv4"), member(30, "hidden")])).get(12);
    expect(after).toEqual(
      before?.map((peer) => ({ ...peer, allowed_ips: [...peer.allowed_ips, "10.20.30.0/24", "100.64.20.30/32"] })),
    );
  });

  it("are none for a node alone, reachable or not", () => {
    expect(meshPeers(topologyOf([member(30, "hidden")]))).toEqual(new Map([[30, []]]));
    expect(meshPeers(topologyOf([member(11, "ipv6")]))).toEqual(new Map([[11, []]]));
  });

  it("write IPv6 endpoints in brackets", () => {
    const peers = meshPeers(topologyOf([member(11, "ipv4"), member(12, "ipv6")]));
    expect([peers.get(11)?.[0]?.endpoint, peers.get(12)?.[0]?.endpoint]).toEqual([
      "[2a10:b600::12]:2012",
      "185.206.122.11:2011",
    ]);
  });

  it.each([
    ["no member of the mesh", 99],
    ["has no public address", 30],
  ])("refuse a user on a node that %s", (why, nodeId) => {
    const users = [{ nodeId, subnet: "10.20.200.0/24", publicKey: "user" }];
    const topology = topologyOf([member(11, "ipv4"), member(30, "hidden")], users);
    expect(() => meshPeers(topology)).toThrow(
      expect.objectContaining({ code: "TFG_MESH_BAD_ACCESS", summary: expect.stringContaining(why) }),
    );
  });
});

describe("the access node of a hidden node", () => {
  const hidden = member(30, "hidden");

  it("is the lowest number with an IPv4 address", () => {
    const members = [member(14, "ipv4"), hidden, member(12, "ipv4"), member(11, "ipv6")];
    expect(chooseAccessNodes(members)).toEqual(new Map([[30, 12]]));
  });

  it("is only one that may be", () => {
    const members = [{ ...member(11, "ipv4"), isAccessNode: false }, hidden, member(12, "ipv4")];
    expect(chooseAccessNodes(members)).toEqual(new Map([[30, 12]]));
  });

  it("stays when better ones join, and changes when it leaves or loses its address", () => {
    const earlier = new Map([[30, 14]]);
    expect(chooseAccessNodes([hidden, member(14, "ipv4"), member(11, "ipv4")], earlier).get(30)).toBe(14);
    expect(chooseAccessNodes([hidden, member(11, "ipv4")], earlier).get(30)).toBe(11);
    expect(chooseAccessNodes([hidden, member(14, "hidden"), member(11, "ipv4")], earlier).get(30)).toBe(11);
  });

  it.each<[string, Kind[]]>([
    ["another hidden node", ["hidden"]],
    ["a node with IPv6 only", ["ipv6"]],
  ])("is missing beside %s: the mesh is refused", (_, kinds) => {
    const members = [hidden, ...kinds.map((kind, i) => member(11 + i, kind))];
    expect(() => chooseAccessNodes(members)).toThrow(expect.objectContaining({ code: "TFG_MESH_NO_ACCESS_NODE" }));
  });

  it("is not needed by a node alone, nor where none is hidden", () => {
    expect(chooseAccessNodes([hidden])).toEqual(new Map());
    expect(chooseAccessNodes([member(11, "ipv6"), member(12, "ipv6")])).toEqual(new Map());
  });
});

describe("the simulation that the peers are held to", () => {
  const hub = member(11, "ipv4");
  const spoke = member(12, "hidden");
  const topology = topologyOf([hub, spoke, member(13, "ipv4")]);

  it("finds a block that is missing", () => {
    const peers = meshPeers(topology);
    const without = peers.get(11)?.filter((peer) => peer.wireguard_public_key !== "node12") ?? [];
    const { length } = simulate({ topology, ipv6Nodes: new Set() }, new Map(peers).set(11, without)).failures();
    // Both addresses of node 12 to both of the two others, and back.
    expect(length).toBe(16);
  });

  it("finds nodes that cannot dial each other", () => {
    const strangers = { members: [hub, member(12, "ipv6")], accessPoints: [], accessNodeOf: new Map<number, number>() };
    const peers = meshPeers(strangers);
    const deaf = peers.get(12)?.map((peer) => ({ ...peer, endpoint: "" })) ?? [];
    const mesh = { topology: strangers, ipv6Nodes: new Set([12]) };
    expect(simulate(mesh, new Map(peers).set(12, deaf)).failures()[0]).toMatch(/cannot dial each other/);
    expect(simulate({ ...mesh, ipv6Nodes: new Set([11, 12]) }, new Map(peers).set(12, deaf)).failures()).toEqual([]);
  });

  it("finds loops and overlaps", () => {
    const peers = meshPeers(topology);
    const [toSpoke, toOther] = peers.get(11) ?? [];
    if (!toSpoke || !toOther) throw new Error("node 11 has two peers");
    const crossed = [toSpoke, { ...toOther, allowed_ips: [...toOther.allowed_ips, "10.20.0.0/16"] }];
    const twice = simulate({ topology, ipv6Nodes: new Set() }, new Map(peers).set(11, crossed)).overlaps();
    expect(twice.length).toBeGreaterThan(0);
    const home = peers.get(13)?.map((peer) => ({ ...peer, allowed_ips: [...peer.allowed_ips, "10.20.0.0/16"] })) ?? [];
    const round = new Map(peers)
      .set(13, home)
      .set(11, [{ ...toOther, allowed_ips: ["10.20.0.0/16", "100.64.0.0/16"] }]);
    expect(simulate({ topology, ipv6Nodes: new Set() }, round).failures().join()).toMatch(/loop/);
  });
});
