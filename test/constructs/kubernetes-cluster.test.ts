import "../support/setup";
import { Testing, Token } from "cdktf";
import {
  GridStack,
  type IMesh,
  JoinedMesh,
  KubernetesCluster,
  type KubernetesClusterProps,
  NetworkMesh,
  Placement,
  Secret,
  Size,
  type WorkerPool,
} from "../../lib";
import { BOOT_SCRIPT } from "../../lib/constructs/kubernetes/boot-script";
import { CLUSTER_SECRET_KINDS } from "../../lib/model/kubernetes/secret-names";
import { later } from "../support/tokens";

type Machine = Record<string, unknown> & {
  readonly env: Record<string, string>;
  readonly secret_env: Record<string, string>;
};

interface Rendered {
  /** By the last part of the identity. */
  readonly machines: Readonly<Record<string, Machine>>;
  readonly requests: Readonly<Record<string, Record<string, unknown>>>;
  readonly text: string;
}

const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });

function clusterIn(stack: GridStack, props: Partial<KubernetesClusterProps> = {}): KubernetesCluster {
  return new KubernetesCluster(stack, "k8s", { mesh: new NetworkMesh(stack, "mesh"), ...props });
}

function rendered(props: Partial<KubernetesClusterProps> = {}): Rendered {
  const stack = gridStack();
  clusterIn(stack, props);
  const text = Testing.synth(stack);
  const { threefold_virtual_machine: found, threefold_placement: placement } = JSON.parse(text).resource;
  const machines = Object.values<Machine & { identity: string }>(found);
  return {
    machines: Object.fromEntries(machines.map((machine) => [machine.identity.split("/").at(-1), machine])),
    requests: placement.placement.requests,
    text,
  };
}

const pool = (change: Partial<WorkerPool> = {}): WorkerPool => ({ name: "web", count: 1, ...change });

describe("KubernetesCluster", () => {
  it("puts its API behind a gateway, and the gateway's name into certificate and kubeconfig", () => {
    const stack = gridStack();
    const cluster = clusterIn(stack, { servers: { count: 3 }, apiGateway: { name: "shop-k8s" } });
    const { threefold_gateway_name: gateways, threefold_virtual_machine: found } = JSON.parse(
      Testing.synth(stack),
    ).resource;
    const [gateway] = Object.values<Record<string, unknown>>(gateways);
    expect(gateway).toMatchObject({
      name: "shop-k8s",
      tls_passthrough: true,
      network: "${threefold_network.mesh.network_name}",
      backends: [1, 2, 3].map((n) => `\${threefold_network.mesh.addresses["k8s/server-${n}"]}:6443`),
    });
    const [server] = Object.values<Machine & { identity: string }>(found).filter(
      ({ identity }) => identity === "k8s/server-1",
    );
    const [logicalId = ""] = Object.keys(gateways);
    expect(JSON.stringify(server?.env)).toContain(`\${threefold_gateway_name.${logicalId}.fqdn}`);
    expect(cluster.gateway?.identity).toBe("k8s/api");
  });

  it("is one server of the official image in the mesh, unless more is asked for", () => {
    const { machines } = rendered();
    expect(Object.keys(machines)).toEqual(["server-1"]);
    const address = '${threefold_network.mesh.addresses["k8s/server-1"]}';
    expect(machines["server-1"]).toEqual({
      project: expect.anything(),
      name: "k8s_server_1",
      identity: "k8s/server-1",
      node_id: '${threefold_placement.placement.nodes["k8s/server-1"].node_id}',
      cpu: 2,
      memory_mib: 4096,
      flist: "https://hub.grid.tf/tf-official-apps/threefolddev-k3s-v1.31.0.flist",
      entrypoint: `/bin/sh -c 'eval "$CLUSTER_BOOT"'`,
      disks: [{ size_gib: 25, mount_point: "/mnt/data", name: "data" }],
      network: { name: "${threefold_network.mesh.network_name}", ip: address },
      env: {
        CLUSTER_NAME: "k8s",
        CLUSTER_SERVERS: address,
        CLUSTER_SERVER: "1",
        CLUSTER_CONFIG: 'node-label: ["grid.tf/machine=server-1"]',
        CLUSTER_BOOT: BOOT_SCRIPT.split("${").join("$${"),
        K3S_URL: "",
        K3S_DATA_DIR: "/mnt/data",
        K3S_FLANNEL_IFACE: "eth0",
        K3S_NODE_NAME: "server-1",
      },
      secret_env: expect.anything(),
    });
  });

  it("gives servers every secret of the cluster, and workers their own token and password only", () => {
    const { machines } = rendered({ servers: { count: 3 }, workers: [pool()] });
    const references = Object.values(machines["server-2"]?.secret_env ?? {});
    const kinds = references.map((text) => text.slice("derive:".length).split("/")[0]);
    expect(kinds.sort()).toEqual([...CLUSTER_SECRET_KINDS].sort());
    expect(machines["web-1"]?.secret_env).toEqual({
      K3S_TOKEN: "derive:k3s-agent-token/k8s/1",
      K3S_NODE_PASSWORD: "derive:k3s-node-password/k8s/web-1/1",
    });
    expect(machines["server-2"]?.secret_env.K3S_TOKEN).toBe("derive:k3s-token/k8s/1");
  });

  it("lets servers join one after the other on nodes of their own, and workers last", () => {
    const { machines, requests } = rendered({ servers: { count: 3 }, workers: [pool()] });
    const dependencies = (name: string) => (machines[name]?.depends_on ?? []) as string[];
    expect(dependencies("server-1")).toEqual([]);
    expect(dependencies("server-2")).toEqual([expect.stringMatching(/^threefold_virtual_machine\.k8s_server-1_/)]);
    expect(dependencies("server-3")).toEqual([expect.stringMatching(/^threefold_virtual_machine\.k8s_server-2_/)]);
    expect(dependencies("web-1")).toHaveLength(3);
    const spread = ["server-1", "server-2", "server-3", "web-1"].map((name) => requests[`k8s/${name}`]?.spread);
    expect(spread).toEqual(["k8s/servers", "k8s/servers", "k8s/servers", undefined]);
    expect(machines["web-1"]?.env.K3S_URL).toBe('https://${threefold_network.mesh.addresses["k8s/server-1"]}:6443');
    const servers = machines["server-3"]?.env.CLUSTER_SERVERS;
    expect(servers?.split(" ").map((text) => text.slice(-11, -3))).toEqual(["server-1", "server-2", "server-3"]);
    expect(machines["web-1"]?.env.CLUSTER_SERVERS).toBe(servers);
  });

  it("places servers as it is told, together with being apart", () => {
    const where = { servers: { count: 3, placement: Placement.where({ country: "Belgium" }) } };
    expect(rendered(where).requests["k8s/server-2"]).toMatchObject({ country: "Belgium", spread: "k8s/servers" });
    const onOne = { servers: { count: 3, placement: Placement.node(4) } };
    expect(rendered(onOne).requests["k8s/server-2"]).not.toHaveProperty("spread");
    const own = { servers: { count: 3, placement: Placement.spread("mine") } };
    expect(rendered(own).requests["k8s/server-2"]).toMatchObject({ spread: "mine" });
  });

  it("gives each pool its size, place, labels and taints", () => {
    const { machines, requests } = rendered({
      workers: [
        pool({ count: 2 }),
        pool({
          name: "db",
          cpu: 4,
          memory: Size.gib(16),
          disk: Size.gib(100),
          placement: Placement.where({ country: "Germany" }),
          labels: { "example.org/tier": "db" },
          taints: ["dedicated=db:NoSchedule"],
          config: { "kubelet-arg": ["max-pods=50"] },
          mycelium: true,
        }),
      ],
    });
    expect(Object.keys(machines).sort()).toEqual(["db-1", "server-1", "web-1", "web-2"]);
    expect(machines["db-1"]).toMatchObject({
      cpu: 4,
      memory_mib: 16_384,
      disks: [{ size_gib: 100, mount_point: "/mnt/data", name: "data" }],
      mycelium: true,
    });
    expect(requests["k8s/db-1"]).toMatchObject({ country: "Germany" });
    expect(machines["db-1"]?.env.CLUSTER_CONFIG?.split("\n")).toEqual([
      'kubelet-arg: ["max-pods=50"]',
      'node-label: ["example.org/tier=db","grid.tf/machine=db-1"]',
      'node-taint: ["dedicated=db:NoSchedule"]',
    ]);
    expect(machines["db-1"]?.env.K3S_NODE_NAME).toBe("db-1");
  });

  it("hands options to the servers, and registries to every machine", () => {
    const { machines } = rendered({
      servers: { config: { "secrets-encryption": true } },
      workers: [pool()],
      disable: ["traefik"],
      podRange: "10.50.0.0/16",
      serviceRange: "10.51.0.0/16",
      tlsSans: ["k8s.example.org"],
      apiEndpoint: "api.example.org:8443",
      manifests: { "cert-manager": "apiVersion: v1\nname: ${HOME}%{x}\n" },
      registries: { mirrors: { "docker.io": { endpoint: ["https://mirror.example.org"] } } },
      sshKeys: ["ssh-ed25519 AAAA me"],
    });
    const { env } = machines["server-1"] ?? {};
    expect(machines["server-1"]?.ssh_keys).toEqual(["ssh-ed25519 AAAA me"]);
    expect(env).toMatchObject({
      CLUSTER_NAMES: "api.example.org k8s.example.org",
      CLUSTER_ENDPOINT: "api.example.org:8443",
      CLUSTER_MANIFESTS: "cert-manager",
      CLUSTER_MANIFEST_CERT_MANAGER: "apiVersion: v1\nname: $${HOME}%%{x}\n",
      CLUSTER_REGISTRIES: '{"mirrors":{"docker.io":{"endpoint":["https://mirror.example.org"]}}}',
    });
    expect(env?.CLUSTER_CONFIG?.split("\n").slice(0, 4)).toEqual([
      'cluster-cidr: "10.50.0.0/16"',
      'service-cidr: "10.51.0.0/16"',
      'disable: ["traefik"]',
      "secrets-encryption: true",
    ]);
    const worker = machines["web-1"]?.env ?? {};
    expect(worker.CLUSTER_REGISTRIES).toBe(env?.CLUSTER_REGISTRIES);
    expect(Object.keys(worker)).not.toEqual(expect.arrayContaining(["CLUSTER_MANIFESTS"]));
    expect(worker.CLUSTER_CONFIG).toBe('node-label: ["grid.tf/machine=web-1"]');
  });

  const publicIp = Token.asString(later("ip"));

  it.each([
    ["2001:db8::8443", "2001:db8::8443"],
    ["[2001:db8::1]:8443", "2001:db8::1"],
    ["185.206.122.40", "185.206.122.40"],
    ["185.206.122.40:443", "185.206.122.40"],
    [publicIp, "${var.ip}"],
    [`${publicIp}:8443`, "${var.ip}"],
    [`[${publicIp}]:8443`, "${var.ip}"],
  ])("puts the host of the endpoint %s into the certificate", (apiEndpoint, host) => {
    const { env } = rendered({ apiEndpoint }).machines["server-1"] ?? {};
    expect(env?.CLUSTER_NAMES).toBe(host);
    expect(env?.CLUSTER_ENDPOINT).toBe(apiEndpoint.replace(publicIp, "${var.ip}"));
  });

  it("keeps registries with passwords out of what is written", () => {
    const { machines } = rendered({ registries: Secret.fromEnv("REGISTRIES") });
    expect(machines["server-1"]?.secret_env.CLUSTER_REGISTRIES).toBe("env:REGISTRIES");
    expect(machines["server-1"]?.env).not.toHaveProperty("CLUSTER_REGISTRIES");
  });

  const auth = (held: unknown) => ({ configs: { "registry.example.org": { auth: held } } });

  it.each<[string, Record<string, unknown>, string]>([
    ["a Secret", auth({ password: Secret.fromEnv("PW") }), "auth.password is a Secret inside of a plain object"],
    ["a Secret in a list", { mirrors: { a: { endpoint: [Secret.fromEnv("URL")] } } }, "endpoint[0] is a Secret"],
    ["a password", auth({ username: "me", password: "hunter2" }), "auth.password would be kept in the state"],
    ["a password of Terraform's", auth({ password: Token.asString(later("pw")) }), "auth.password would be kept"],
    ["a user with a password", auth({ auth: "bWU6aHVudGVyMg==" }), "auth.auth would be kept in the state"],
    ["a token", auth({ identity_token: "hunter2" }), "auth.identity_token would be kept in the state"],
    ["a header", { configs: { a: { header: { Authorization: ["Basic hunter2"] } } } }, "Authorization would be kept"],
    ["an address", { mirrors: { a: { endpoint: ["https://me:hunter2@b.org"] } } }, "endpoint[0] has a password in it"],
    ["a token under its other name", auth({ identityToken: "hunter2" }), "auth.identityToken would be kept"],
  ])("refuses %s inside of registries, and asks for the whole file as a Secret", (_title, registries, problem) => {
    const make = () => clusterIn(gridStack(), { registries });
    expect(make).toThrow(
      expect.objectContaining({
        code: "TFG_BAD_VALUE",
        summary: expect.stringContaining(problem),
        remedy: expect.stringMatching(/^give the whole file as a Secret/),
      }),
    );
    expect(make).not.toThrow(/hunter2|bWU6/);
  });

  it("takes registries that name a user and leave the password empty", () => {
    const { machines } = rendered({ registries: auth({ username: "me", password: "" }) });
    expect(machines["server-1"]?.env.CLUSTER_REGISTRIES).toContain('{"username":"me","password":""}');
  });

  it("leaves every other machine as it is when a worker is added or removed", () => {
    const before = rendered({ servers: { count: 3 }, workers: [pool({ count: 2 }), pool({ name: "db" })] }).machines;
    const more = rendered({ servers: { count: 3 }, workers: [pool({ count: 3 }), pool({ name: "db" })] }).machines;
    const { "web-3": added, ...others } = more;
    expect(added).toBeDefined();
    expect(others).toEqual(before);
    const { "web-2": _removed, ...rest } = before;
    expect(rendered({ servers: { count: 3 }, workers: [pool(), pool({ name: "db" })] }).machines).toEqual(rest);
  });

  it("replaces one machine, or all with new secrets, by a generation that shows in the plan", () => {
    const plain = rendered({ workers: [pool()] }).machines;
    expect(Object.values(plain).map(({ generation }) => generation)).toEqual([undefined, undefined]);
    const one = rendered({ workers: [pool()], replacements: { "web-1": 2 } }).machines;
    expect([one["server-1"]?.generation, one["web-1"]?.generation]).toEqual([undefined, "1.2"]);
    expect(one["web-1"]?.secret_env).toEqual(plain["web-1"]?.secret_env);
    const all = rendered({ workers: [pool()], generation: 2, replacements: { "web-1": 2 } }).machines;
    expect([all["server-1"]?.generation, all["web-1"]?.generation]).toEqual(["2.0", "2.2"]);
    expect(all["web-1"]?.secret_env.K3S_TOKEN).toBe("derive:k3s-agent-token/k8s/2");
  });

  it("tells a server that was replaced on request, and no other, that there is a cluster to wait for", () => {
    const { machines } = rendered({ servers: { count: 3 }, replacements: { "server-1": 1 } });
    const told = ["server-1", "server-2", "server-3"].map((name) => machines[name]?.env.CLUSTER_REPLACED);
    expect(told).toEqual(["1", undefined, undefined]);
  });

  it("gives its machines short identities however deep it lies", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh");
    const cluster = new KubernetesCluster(stack, "k8s", { mesh, identity: "a".repeat(60), workers: [pool()] });
    const identities = [...cluster.servers, ...cluster.workers].map(({ identity }) => identity);
    expect(identities.every((identity) => identity.length <= 64)).toBe(true);
    expect(new Set(identities).size).toBe(2);
  });

  it("tells where its servers are", () => {
    const { serverAddresses, servers, workers } = clusterIn(gridStack(), { servers: { count: 3 } });
    expect([serverAddresses.length, servers.length, workers.length]).toEqual([3, 3, 0]);
  });

  it.each<[string, Partial<KubernetesClusterProps>, RegExp]>([
    ["an even number of servers", { servers: { count: 2 } }, /servers\.count cannot be 2[\s\S]*1, 3 or 5[\s\S]*even/],
    ["no server", { servers: { count: 0 } }, /servers\.count cannot be 0/],
    [
      "a number of servers known later",
      { servers: { count: later("n") } },
      /servers\.count is only known to Terraform/,
    ],
    ["two pools of one name", { workers: [pool(), pool()] }, /workers\[1\]\.name cannot be "web"[\s\S]*no other pool/],
    ["a pool name with a capital", { workers: [pool({ name: "Web" })] }, /workers\[0\]\.name cannot be "Web"/],
    [
      "a pool name with a blank at its end",
      { workers: [pool({ name: "web-" })] },
      /workers\[0\]\.name cannot be "web-"/,
    ],
    ["a pool called like the servers", { workers: [pool({ name: "server" })] }, /not "server"/],
    ["fewer than no workers", { workers: [pool({ count: -1 })] }, /workers\[0\]\.count cannot be -1/],
    ["a part of a worker", { workers: [pool({ count: 1.5 })] }, /workers\[0\]\.count cannot be 1\.5/],
    [
      "workers without number",
      { workers: [pool({ count: later("n") })] },
      /workers\[0\]\.count is only known to Terraform[\s\S]*a plain number/,
    ],
    ["servers of 1 GiB", { servers: { memory: Size.gib(1) } }, /servers\.memory cannot be 1024[\s\S]*2048 to/],
    ["workers of 512 MiB", { workers: [pool({ memory: Size.mib(512) })] }, /workers\[0\]\.memory cannot be 512/],
    ["a small disk", { servers: { disk: Size.gib(5) } }, /servers\.disk cannot be 5[\s\S]*10 to 10240 GiB/],
    ["no core", { workers: [pool({ cpu: 0 })] }, /workers\[0\]\.cpu cannot be 0/],
    [
      "pods in the mesh",
      { podRange: "10.20.0.0/16" },
      /podRange cannot be "10\.20\.0\.0\/16"[\s\S]*apart from the mesh/,
    ],
    ["pods around the mesh", { podRange: "10.0.0.0/8", serviceRange: "172.20.0.0/16" }, /apart from the mesh/],
    ["services in the mesh", { serviceRange: "10.20.128.0/20" }, /serviceRange cannot be[\s\S]*apart from the mesh/],
    ["services among pods", { serviceRange: "10.42.8.0/24" }, /serviceRange cannot be[\s\S]*apart from podRange/],
    ["pods among services", { podRange: "10.43.0.0/16" }, /apart from podRange, 10\.43/],
    ["pods on WireGuard", { podRange: "100.64.0.0/16" }, /WireGuard/],
    ["pods without a length", { podRange: "10.50.0.0" }, /podRange cannot be "10\.50\.0\.0"/],
    ["pods with host bits", { podRange: "10.50.0.1/16" }, /without host bits/],
    [
      "a label of Kubernetes",
      { workers: [pool({ labels: { "node-role.kubernetes.io/worker": "" } })] },
      /kubectl label/,
    ],
    ["a label with a blank", { workers: [pool({ labels: { "my tier": "a" } })] }, /workers\[0\]\.labels\.my tier/],
    ["a label value with a blank", { workers: [pool({ labels: { tier: "a b" } })] }, /labels\.tier cannot be "a b"/],
    ["the label of machines", { workers: [pool({ labels: { "grid.tf/machine": "a" } })] }, /grid\.tf\/machine cannot/],
    ["a taint without effect", { workers: [pool({ taints: ["dedicated=db"] })] }, /taints\[0\][\s\S]*NoSchedule/],
    ["a taint of unknown effect", { servers: { taints: ["a=b:Never"] } }, /servers\.taints\[0\] cannot be "a=b:Never"/],
    ["the token as an option", { servers: { config: { token: "x" } } }, /servers\.config\.token cannot be "token"/],
    ["names as an option", { servers: { config: { "tls-san": [] } } }, /use tlsSans/],
    ["an option that is added to", { servers: { config: { "disable+": [] } } }, /use disable/],
    [
      "a key of a store",
      { servers: { config: { "etcd-s3-secret-key": "hunter2" } } },
      /etcd-s3-config-secret(?![\s\S]*hunter2)/,
    ],
    ["a key that is added", { workers: [{ name: "a", count: 1, config: { "vpn-auth+": "x" } }] }, /vpn-auth-file/],
    ["an option with dashes", { servers: { config: { "--debug": true } } }, /without --/],
    ["an address with a scheme", { tlsSans: ["https://a.b"] }, /tlsSans\[0\] cannot be "https:\/\/a\.b"/],
    [
      "an endpoint beside a gateway",
      { apiEndpoint: "a.example.org", apiGateway: { name: "shop-k8s" } },
      /apiEndpoint cannot be "a\.example\.org"[\s\S]*keep apiGateway/,
    ],
    ["an endpoint with a port that is none", { apiEndpoint: "a.b:65536" }, /apiEndpoint cannot be "a\.b:65536"/],
    ["an IPv6 endpoint whose port nobody can tell", { apiEndpoint: "1:2:3:4:5:6:7:8:443" }, /apiEndpoint cannot be/],
    ["a host name in brackets", { apiEndpoint: "[a.b]:443" }, /apiEndpoint cannot be "\[a\.b\]:443"/],
    ["an address that is none", { tlsSans: ["cafe:1"] }, /tlsSans\[0\] cannot be "cafe:1"/],
    ["an endpoint with a path", { apiEndpoint: "a.b/c" }, /apiEndpoint cannot be "a\.b\/c"/],
    ["a manifest with its ending", { manifests: { "a.yaml": "" } }, /manifests\.a\.yaml/],
    ["generation 0", { generation: 0 }, /generation cannot be 0/],
    ["a replacement of nobody", { replacements: { "web-1": 1 } }, /replacements\.web-1[\s\S]*server-1/],
    ["a replacement that is no number", { replacements: { "server-1": 0.5 } }, /replacements\.server-1 cannot be 0\.5/],
    ["a name with a dash", { name: "my-k8s" }, /does not allow the name "my-k8s"/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => clusterIn(gridStack(), props)).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ["mesh", { mesh: {} }, /mesh is an object[\s\S]*a NetworkMesh/],
    ["placement of the servers", { servers: { placement: {} } }, /servers\.placement is an object[\s\S]*a Placement/],
    [
      "memory of a pool",
      { workers: [pool(), { ...pool(), memory: 4 }] },
      /workers\[1\]\.memory cannot be 4[\s\S]*a Size/,
    ],
    ["number of a pool", { workers: [{ name: "web" }] }, /workers\[0\]\.count is undefined[\s\S]*a number/],
    ["pool", { workers: { web: pool() } }, /workers is an object[\s\S]*a list/],
    ["label", { servers: { labels: { tier: {} } } }, /servers\.labels\.tier is an object[\s\S]*a text/],
    ["manifest", { manifests: { a: { kind: "Pod" } } }, /manifests\.a is an object[\s\S]*a text/],
    ["object of registries", { registries: "password: hunter2" }, /registries is a text(?![\s\S]*hunter2)/],
    ["image", { image: {} }, /image is an object[\s\S]*an Image/],
    ["place of its gateway", { apiGateway: { name: "k8s", placement: {} } }, /apiGateway\.placement is an object/],
  ])("refuses what is no %s", (_title, props, message) => {
    expect(() => clusterIn(gridStack(), props)).toThrow(message);
  });

  it("needs a mesh whose addresses are its own stack's to give", () => {
    const stack = gridStack();
    const mesh = new JoinedMesh(stack, "joined", { contractId: "4711", block: "ci", numbers: { "k8s/server-1": 200 } });
    const props = { mesh: mesh as IMesh as NetworkMesh };
    expect(() => new KubernetesCluster(stack, "k8s", props)).toThrow(
      /mesh is a mesh of another stack[\s\S]*Fix: make it in the stack that owns the mesh/,
    );
  });

  it("takes ranges, hosts and label values that only Terraform knows", () => {
    const token = Token.asString(later("x"));
    const tokens = { podRange: token, serviceRange: token, tlsSans: [token], apiEndpoint: token };
    expect(() => clusterIn(gridStack(), { ...tokens, workers: [pool({ labels: { a: token } })] })).not.toThrow();
  });
});
