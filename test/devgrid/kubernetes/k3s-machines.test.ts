import { checkServerIdentity as checkIdentity, type PeerCertificate } from "node:tls";
import { silentLog } from "../../../lib/core/log";
import { K3sMachines } from "../../../lib/devgrid/kubernetes/k3s-machines";
import { deriveAuthority, deriveBootClient } from "../../../lib/model/kubernetes/authorities";
import { askHttps } from "../../support/https-client";
import { clusterKeys, SERVER_IPS, serverBoot, workerBoot } from "../../support/k3s-boots";

const cluster = { keys: clusterKeys, cluster: "k8s", version: 1 };
const ca = deriveAuthority(cluster, "server-ca").certificate;
const boot = deriveBootClient(cluster);
const admin = { ca, cert: boot.certificate, key: boot.key.pem };

let offline: Set<number>;
let machines: K3sMachines;

beforeEach(() => {
  offline = new Set();
  machines = new K3sMachines({ isUp: (nodeId) => !offline.has(nodeId), log: silentLog });
});
afterEach(() => machines.close());

async function rolesOf(which?: string | number): Promise<Record<string, string>> {
  const { servers, agents } = await machines.view(which);
  return Object.fromEntries([...servers, ...agents].map(({ machine, role }) => [machine, role]));
}

async function urlOf(machine: string): Promise<string> {
  const { servers } = await machines.view();
  return servers.find((each) => each.machine === machine)?.url ?? "";
}

async function nodesAt(url: string): Promise<Record<string, string>> {
  const { items } = JSON.parse((await askHttps(`${url}/api/v1/nodes`, admin)).text);
  return Object.fromEntries(
    items.map((node: { metadata: { name: string }; status: { conditions: { status: string }[] } }) => [
      node.metadata.name,
      node.status.conditions[0]?.status,
    ]),
  );
}

describe("machines that run k3s", () => {
  it("found one cluster, join it and refuse to start on their own", async () => {
    machines.started(serverBoot(3, { contractId: 3 }));
    machines.started(workerBoot("web-1", { contractId: 4 }));
    expect(await rolesOf()).toEqual({ "server-3": "waiting", "web-1": "waiting" });
    machines.started(serverBoot(1, { contractId: 1 }));
    machines.started(serverBoot(2, { contractId: 2 }));
    expect(await rolesOf()).toEqual({
      "server-1": "founded",
      "server-2": "joined",
      "server-3": "joined",
      "web-1": "joined",
    });
    const { servers, agents } = await machines.view("k8s");
    expect(new Set([...servers, ...agents].map(({ clusterId }) => clusterId))).toEqual(new Set([1]));
  });

  it("join when they are replaced, the first server too, which never founds a second cluster", async () => {
    for (const position of [1, 2, 3]) machines.started(serverBoot(position, { contractId: position }));
    const before = await nodesAt(await urlOf("server-2"));
    machines.stopped(serverBoot(1, { contractId: 1 }).id);
    machines.wiped("1-1-data");
    expect(Object.values(await nodesAt(await urlOf("server-2"))).sort()).toEqual(["True", "True", "Unknown"]);
    machines.started(serverBoot(1, { contractId: 11 }));
    const { servers } = await machines.view();
    expect(servers.map(({ machine, role, clusterId }) => [machine, role, clusterId])).toEqual([
      ["server-2", "joined", 1],
      ["server-3", "joined", 1],
      ["server-1", "joined", 1],
    ]);
    const after = await nodesAt(await urlOf("server-1"));
    expect(Object.values(after)).toEqual(["True", "True", "True"]);
    const [oldName, newName] = [before, after].map((nodes) =>
      Object.keys(nodes).find((name) => /^server-1-/.test(name)),
    );
    expect(newName).not.toBe(oldName);
  });

  it("keep their place when they are rebuilt around their data, whoever answers", async () => {
    machines.started(serverBoot(1, { contractId: 1 }));
    machines.started(serverBoot(2, { contractId: 2 }));
    const { servers: before } = await machines.view();
    for (const position of [1, 2]) machines.stopped(serverBoot(position, { contractId: position }).id);
    machines.started(serverBoot(2, { contractId: 2 }));
    machines.started(serverBoot(1, { contractId: 1 }));
    const { servers: after } = await machines.view();
    const plain = (views: typeof before) =>
      views.map(({ url: _, ...view }) => view).sort((a, b) => a.contractId - b.contractId);
    expect(plain(after)).toEqual(plain(before));
  });

  it.each([
    ["another token", serverBoot(2, { contractId: 2, env: { K3S_TOKEN: "guess" } }), /token is not valid/],
    [
      "another agent token",
      serverBoot(2, { contractId: 2, env: { K3S_AGENT_TOKEN: "guess" } }),
      /mismatch: agent-token/,
    ],
    [
      "another authority",
      serverBoot(2, { contractId: 2, env: { CLUSTER_TLS_CLIENT_CA_CRT: "x" } }),
      /newer than datastore/,
    ],
    [
      "a worker without the token",
      workerBoot("web-1", { contractId: 4, env: { K3S_TOKEN: "guess" } }),
      /token is not valid/,
    ],
  ])("refuse %s, and say so", async (_what, stranger, problem) => {
    machines.started(serverBoot(1, { contractId: 1 }));
    machines.started(stranger);
    const { servers, agents } = await machines.view(stranger.contractId);
    expect([...servers, ...agents]).toEqual([
      expect.objectContaining({ role: "refused", problem: expect.stringMatching(problem) }),
    ]);
    expect(Object.keys(await nodesAt(await urlOf("server-1")))).toHaveLength(1);
  });

  it("let a replaced worker keep its name for its password only", async () => {
    machines.started(serverBoot(1, { contractId: 1 }));
    machines.started(workerBoot("web-1", { contractId: 4 }));
    machines.stopped(workerBoot("web-1", { contractId: 4 }).id);
    machines.started(workerBoot("web-1", { contractId: 5, env: { K3S_NODE_PASSWORD: "another" } }));
    expect((await machines.view()).agents[0]?.problem).toMatch(/Node password rejected/);
    machines.stopped(workerBoot("web-1", { contractId: 5 }).id);
    machines.started(workerBoot("web-1", { contractId: 6 }));
    expect((await machines.view()).agents[0]?.role).toBe("joined");
  });

  it("block the address of a server that was not forgotten", async () => {
    const bare = { CLUSTER_TLS_BOOT_CRT: "" };
    for (const position of [1, 2]) machines.started(serverBoot(position, { contractId: position }));
    machines.stopped(serverBoot(2, { contractId: 2 }).id);
    machines.started(serverBoot(2, { contractId: 12, env: bare }));
    expect((await machines.view(12)).servers[0]?.problem).toBe("etcdserver: Peer URLs already exists");
  });

  it("cannot join a server whose node is cut off", async () => {
    machines.started(serverBoot(1, { contractId: 1, nodeId: 5 }));
    offline.add(5);
    machines.started(serverBoot(2, { contractId: 2 }));
    expect((await rolesOf())["server-2"]).toBe("waiting");
    offline.delete(5);
    expect((await rolesOf())["server-2"]).toBe("joined");
  });

  it("are told apart by cluster, network and owner", async () => {
    machines.started(serverBoot(1, { contractId: 1 }));
    machines.started({ ...serverBoot(1, { contractId: 2, cluster: "other" }), network: "elsewhere" });
    machines.started({ ...serverBoot(2, { contractId: 3 }), twinId: 9 });
    expect(await rolesOf("other")).toEqual({ "server-1": "founded" });
    expect((await machines.view(1)).servers.map(({ contractId }) => contractId)).toEqual([1]);
    expect((await machines.view(3)).servers.map(({ role }) => role)).toEqual(["waiting"]);
  });

  it("are no others", async () => {
    machines.started({ ...serverBoot(1, { contractId: 1 }), flist: "https://hub.grid.tf/me/ubuntu.flist" });
    expect(await machines.view()).toEqual({ servers: [], agents: [] });
  });

  it("run a cluster that other clients made, whose API stays closed", async () => {
    const plain = { K3S_TOKEN: "secret", K3S_NODE_NAME: "master", K3S_URL: "" };
    machines.started({ ...serverBoot(1, { contractId: 1 }), env: plain });
    const worker = { ...plain, K3S_NODE_NAME: "worker", K3S_URL: `https://${SERVER_IPS[0]}:6443` };
    machines.started({ ...workerBoot("worker", { contractId: 2 }), env: worker });
    expect(await rolesOf()).toEqual({ master: "founded", worker: "joined" });
    expect((await machines.view()).servers[0]).not.toHaveProperty("url");
  });

  it("go on after a restart of the grid", async () => {
    for (const position of [1, 2]) machines.started(serverBoot(position, { contractId: position }));
    machines.started(workerBoot("web-1", { contractId: 4 }));
    const before = await rolesOf();
    const state = JSON.parse(JSON.stringify(machines.snapshot()));
    await machines.close();
    machines = new K3sMachines({ isUp: () => true, log: silentLog });
    machines.restore(state);
    expect(await rolesOf()).toEqual(before);
    expect(Object.keys(await nodesAt(await urlOf("server-2")))).toHaveLength(3);
  });
});

describe("the API of a server", () => {
  let url: string;

  beforeEach(async () => {
    machines.started(serverBoot(1, { contractId: 1 }));
    url = await urlOf("server-1");
  });

  it("has a certificate of the cluster's authority for every name of the server", async () => {
    // As a client checks that reaches the server under that name.
    const askAs = (name: string) => {
      const checkServerIdentity = (_host: string, certificate: PeerCertificate) => checkIdentity(name, certificate);
      return askHttps(`${url}/ping`, { ca, checkServerIdentity });
    };
    for (const name of ["127.0.0.1", "10.20.2.2", "api.example.org", "kubernetes"]) {
      expect(await askAs(name)).toEqual({ status: 200, text: "pong" });
    }
    await expect(askAs("other.example.org")).rejects.toThrow(/altnames/);
    await expect(askHttps(`${url}/ping`)).rejects.toThrow(/certificate/);
  });

  it("shows nothing but its life to whoever brings no certificate of the client authority", async () => {
    const foreign = deriveBootClient({ ...cluster, cluster: "other" });
    for (const client of [{ ca }, { ca, cert: foreign.certificate, key: foreign.key.pem }]) {
      expect((await askHttps(`${url}/readyz`, client)).status).toBe(401);
      expect((await askHttps(`${url}/api/v1/nodes`, client)).status).toBe(401);
    }
  });

  it("answers an administrator, and deletes nodes for one", async () => {
    machines.started(workerBoot("web-1", { contractId: 4 }));
    expect(await askHttps(`${url}/readyz`, admin)).toEqual({ status: 200, text: "ok" });
    expect(JSON.parse((await askHttps(`${url}/version`, admin)).text)).toMatchObject({ gitVersion: "v1.31.0+k3s1" });
    const node = JSON.parse((await askHttps(`${url}/api/v1/nodes/web-1`, admin)).text);
    expect(node.metadata.labels["grid.tf/machine"]).toBe("web-1");
    expect((await askHttps(`${url}/api/v1/nodes/web-1`, { ...admin, method: "DELETE" })).status).toBe(200);
    expect((await askHttps(`${url}/api/v1/nodes/web-1`, admin)).status).toBe(404);
    expect((await askHttps(`${url}/api/v1/pods`, admin)).status).toBe(404);
    expect(machines.requestCount()).toBe(6);
  });
});
