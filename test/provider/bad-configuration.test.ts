import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import {
  type Block,
  gatewayFqdn,
  gatewayName,
  joined,
  machine,
  mesh,
  PROJECT,
  stack,
  zdb,
} from "../support/grid-stack";

let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());
// What a node has to be asked about is refused in an apply, which has made the project by then.
afterEach(() => project.terraform.reset());

/** A configuration nobody can deploy, and what its author has to be told. */
interface BadInput {
  readonly title: string;
  readonly config: () => Readonly<Record<string, unknown>>;
  /** Texts of the message: the attribute, the value given, what is allowed. */
  readonly says: readonly (string | RegExp)[];
}

const NODE = 1;
const PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----";

const web = (change: Block) => () => stack(PROJECT, { threefold_virtual_machine: { web: machine(NODE, change) } });
const db = (change: Block) => () => stack(PROJECT, { threefold_zdb: { db: zdb(NODE, change) } });
const net = (change: Block) => () => stack(PROJECT, { threefold_network: { mesh: mesh({ web: NODE }, change) } });
const shop = (change: Block) => () => stack(PROJECT, { threefold_gateway_name: { www: gatewayName(NODE, change) } });
const www = (change: Block) => () => stack(PROJECT, { threefold_gateway_fqdn: { www: gatewayFqdn(NODE, change) } });
const named = (name: string) => () => stack({ threefold_project: { main: { name } } });
const inProvider = (change: Block) => () => ({ ...stack(PROJECT), provider: { threefold: change } });
const inMesh = (ips: Readonly<Record<string, string>>) => () =>
  stack(PROJECT, {
    threefold_network: { mesh: mesh({ web: NODE, api: NODE }) },
    threefold_virtual_machine: Object.fromEntries(
      Object.entries(ips).map(([name, ip]) => [name, machine(NODE, { name, network: { ...joined(name), ip } })]),
    ),
  });

const namespace = (name: string) => ({ address: "[300::1]:9900", namespace: name, password: "env:PASSWORD" });

const BAD_INPUTS: readonly BadInput[] = [
  {
    title: "another policy for nodes that are down",
    config: () =>
      stack(PROJECT, { threefold_placement: { here: { requests: { web: { on_node_down: "move" } }, proposals: {} } } }),
    says: ["requests.web.on_node_down", "move", "keep or replace"],
  },
  { title: "memory below the minimum", config: web({ memory_mib: 128 }), says: ["memory_mib", "128", "256 to 262144"] },
  {
    title: "a generation with a blank",
    config: web({ generation: "the second" }),
    says: ["generation", "the second", "1 to 32"],
  },
  { title: "more cores than a machine can have", config: web({ cpu: 33 }), says: ["cpu", "33", "1 to 32"] },
  {
    title: "a root filesystem below what the node allows for that size",
    config: web({ cpu: 8, memory_mib: 8192, root_size_mib: 600 }),
    says: ["root_size_mib", "600", "2048"],
  },
  {
    title: "one mount point twice",
    config: web({
      disks: [{ size_gib: 1, mount_point: "/data" }],
      volumes: [{ size_gib: 1, mount_point: "/data/" }],
    }),
    says: ["volumes[0].mount_point", "/data/", "no other disk or volume"],
  },
  {
    title: "a disk of 0",
    config: web({ disks: [{ size_gib: 0, mount_point: "/d" }] }),
    says: ["disks[0].size_gib", "0", "1 to 10240 GiB"],
  },
  {
    title: "a file system with fewer namespaces than shards, and three for its map",
    config: web({
      quantum_storage: [
        {
          mount_point: "/qsfs",
          key: "derive:qsfs-key/files/1",
          minimal_shards: 1,
          expected_shards: 2,
          metadata: ["a", "b", "c"].map(namespace),
          groups: [{ backends: [namespace("d")] }],
        },
      ],
    }),
    says: ["quantum_storage[0].expected_shards", "1 to 1", "metadata names 3 namespaces", "exactly 4"],
  },
  {
    title: "a graphics card by its name",
    config: web({ gpus: ["RTX 3090"] }),
    says: ["gpus[0]", "RTX 3090", "slot/vendor/device", "threefold_node_gpus"],
  },
  {
    title: "one graphics card twice",
    config: web({ gpus: ["0000:28:00.0/1002/731f", "0000:28:00.0/1002/731f"] }),
    says: ["gpus[1]", "each card once"],
  },
  {
    title: "a checksum of another kind",
    config: web({ flist_md5: "sha256:abc" }),
    says: ["flist_md5", "sha256:abc", "32 hex digits"],
  },
  {
    title: "logs sent by http",
    config: web({ logs: ["http://logs.example.com"] }),
    says: ["logs[0]", "http://logs.example.com", "redis://, ws:// or wss://"],
  },
  {
    title: "a light machine with everything that light nodes have not",
    config: web({
      light: true,
      public_ipv4: true,
      public_ipv6: true,
      planetary: true,
      mycelium: false,
      logs: ["ws://10.20.2.3"],
    }),
    says: [
      "public_ipv4 is asked for on a light node, which has no public addresses",
      "public_ipv6 is asked for on a light node, which has no public addresses",
      "planetary is asked for on a light node, which has no Yggdrasil",
      "logs is asked for on a light node, which has no log streams",
      "mycelium is off on a light node, which has no other way in",
    ],
  },
  {
    title: "a light machine with a file system over many nodes",
    config: web({
      light: true,
      quantum_storage: [
        {
          mount_point: "/qsfs",
          key: "derive:qsfs-key/files/1",
          minimal_shards: 1,
          expected_shards: 1,
          metadata: ["a", "b", "c", "d"].map(namespace),
          groups: [{ backends: [namespace("e")] }],
        },
      ],
    }),
    says: ["quantum_storage is asked for on a light node, which has no file systems over many nodes"],
  },
  {
    title: "a mount over the root",
    config: web({ disks: [{ size_gib: 1, mount_point: "/" }] }),
    says: ["disks[0].mount_point", "below /"],
  },
  {
    title: "an environment name with a dash",
    config: web({ env: { "MY-NAME": "x" } }),
    says: ["env.MY-NAME", "letters, digits and _"],
  },
  {
    title: "a list with nothing in one of its places",
    config: web({ ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2k0lK6mDXVqJQmC8s1 a@b", null] }),
    says: ["ssh_keys[1]", "null", "leave the element out"],
  },
  {
    title: "a relative entrypoint",
    config: web({ entrypoint: "sbin/init" }),
    says: ["entrypoint", "sbin/init", "absolute path"],
  },
  {
    title: "a machine name the grid does not allow",
    config: web({ name: "my web" }),
    says: ["my web", "1 to 36 letters, digits and _", "my_web"],
  },
  {
    title: "an image over ftp",
    config: web({ flist: "ftp://hub/x.flist" }),
    says: ["flist", "ftp://hub/x.flist", "https://"],
  },
  {
    title: "a secret in clear",
    config: web({ secret_env: { TOKEN: "hunter2hunter2" } }),
    says: ["secret_env.TOKEN", "env:NAME"],
  },
  {
    title: "a private key for a public one",
    config: web({ ssh_keys: [PRIVATE_KEY] }),
    says: ["ssh_keys[0] is a private key", "the .pub file"],
  },
  {
    title: "a private key in the environment",
    config: web({ env: { SSH_KEY: PRIVATE_KEY } }),
    says: ["env.SSH_KEY holds a private key", "by reference"],
  },
  {
    title: "the path of a key for the key",
    config: web({ ssh_keys: ["~/.ssh/id_ed25519.pub"] }),
    says: ["ssh_keys[0] is a path", "~/.ssh/id_ed25519.pub", "file(path)"],
  },
  {
    title: "SSH keys in two places",
    config: web({ ssh_keys: ["ssh-ed25519 AAAA me"], env: { SSH_KEY: "ssh-ed25519 AAAA me" } }),
    says: ["env.SSH_KEY is given beside ssh_keys"],
  },
  {
    title: "a zero byte in the environment",
    config: web({ env: { A: "a\0b" } }),
    says: ["env.A holds a zero byte"],
  },
  {
    title: "an environment no machine can carry",
    config: web({ env: { A: "x".repeat(132_000) } }),
    says: ["env.A is too long", "128 KiB"],
  },
  {
    title: "a mount over the machine's own files",
    config: web({ disks: [{ size_gib: 1, mount_point: "/proc" }] }),
    says: ["disks[0].mount_point", "/proc, /sys and /dev"],
  },
  {
    title: "the account's secret in the place of its file",
    config: inProvider({ mnemonic_file: `${"bottom ".repeat(12)}//hunter2` }),
    says: ["mnemonic_file holds the account's secret"],
  },
  {
    title: "a password in a chain address that is none",
    config: inProvider({ chain_urls: ["http://me:hunter2@chain.example"] }),
    says: ["chain_urls", "//***@chain.example"],
  },
  {
    title: "the gateway's address",
    config: inMesh({ web: "10.20.2.1" }),
    says: ["network.ip", "10.20.2.1", "2 to 254"],
  },
  {
    title: "one address for two machines of a mesh",
    config: inMesh({ web: "10.20.2.2", api: "10.20.2.2" }),
    says: ["network.ip", "10.20.2.2", /virtual_machine\/(web|api)/],
  },
  { title: "a zdb of 0", config: db({ size_gib: 0 }), says: ["size_gib", "0", "1 to 10240 GiB"] },
  { title: "a zdb mode nobody knows", config: db({ mode: "direct" }), says: ["mode", "direct", "user or seq"] },
  { title: "a mesh of a /24", config: net({ ip_range: "10.20.0.0/24" }), says: ["ip_range", "10.20.0.0/24", "/16"] },
  {
    title: "a mesh on public addresses",
    config: net({ ip_range: "8.8.0.0/16" }),
    says: ["ip_range", "8.8.0.0/16", "private"],
  },
  { title: "an access name that is no file name", config: net({ access: ["../me"] }), says: ["access[0]", "../me"] },
  { title: "a gateway name with a capital", config: shop({ name: "Shop" }), says: ["name", "Shop", "small letters"] },
  { title: "a gateway name of two letters", config: shop({ name: "ab" }), says: ["name", "ab", "3 to 63"] },
  {
    title: "a gateway name that is too long",
    config: shop({ name: "a".repeat(64) }),
    says: ["name", "aaa", "3 to 63"],
  },
  { title: "a gateway name with a dot", config: shop({ name: "my.shop" }), says: ["name", "my.shop", "small letters"] },
  {
    title: "a domain that is none",
    config: www({ fqdn: "localhost" }),
    says: ["fqdn", "localhost", "www.example.org"],
  },
  {
    title: "a domain whose DNS does not point to the node",
    config: www({ fqdn: "elsewhere.example.org" }),
    says: ["elsewhere.example.org does not point to node 1", "185.206.122.31", "points to"],
  },
  {
    title: "a domain under the gateway's own",
    config: www({ fqdn: "www.gent01.devgrid.test" }),
    says: ["fqdn", "www.gent01.devgrid.test", "outside gent01.devgrid.test", "threefold_gateway_name"],
  },
  {
    title: "a DNS target that is not the node's",
    config: www({ dns_target: "185.206.122.99" }),
    says: ["dns_target", "185.206.122.99", "185.206.122.31"],
  },
  {
    title: "a domain of the node that is not its own",
    config: shop({ domain: "gent02.devgrid.test" }),
    says: ["domain", "gent02.devgrid.test", "gent01.devgrid.test"],
  },
  { title: "a gateway without a backend", config: shop({ backends: [] }), says: ["backends", "at least one"] },
  {
    title: "TLS that goes through to an http backend",
    config: shop({ tls_passthrough: true, backends: ["http://185.206.122.100:80"] }),
    says: ["backends[0]", "http://185.206.122.100:80", "ip:port"],
  },
  {
    title: "a bare backend where the gateway ends TLS",
    config: shop({ backends: ["185.206.122.100:80"] }),
    says: ["backends[0]", "185.206.122.100:80", "http://ip"],
  },
  {
    title: "an https backend",
    config: shop({ backends: ["https://185.206.122.100"] }),
    says: ["backends[0]", "https://185.206.122.100", "plain http"],
  },
  {
    title: "a host name as a backend",
    config: shop({ backends: ["http://185.206.122.100", "http://web.example.org"] }),
    says: ["backends[1]", "http://web.example.org", "no host name"],
  },
  {
    title: "a loopback backend",
    config: shop({ backends: ["http://127.0.0.1:80"] }),
    says: ["backends[0]", "127.0.0.1", "can reach"],
  },
  {
    title: "a backend with a port that is none",
    config: shop({ backends: ["http://185.206.122.100:70000"] }),
    says: ["backends[0]", "70000", "1 to 65535"],
  },
  {
    title: "a backend that is the gateway's node itself",
    config: shop({ backends: ["http://185.206.122.31:80"] }),
    says: ["backends[0]", "185.206.122.31", "other than the gateway node's own"],
  },
  {
    title: "a gateway on a node that is none",
    config: shop({ node_id: 3 }),
    says: ["node_id", "Node 3 is no web gateway", "public configuration"],
  },
  {
    title: "a gateway name on a node without a domain",
    config: shop({ node_id: 5 }),
    says: ["node_id", "Node 5 is no web gateway", "a domain"],
  },
  {
    title: "a DNS server that is none",
    config: inProvider({ dns_servers: ["dns.example.org"] }),
    says: ["dns_servers", "dns.example.org", "ip:port"],
  },
  {
    title: "a project name of 600 bytes",
    config: named("x".repeat(600)),
    says: ["name", "1 to 40 letters", "600 bytes"],
  },
  {
    title: "a network nobody knows",
    config: inProvider({ network: "mainnet" }),
    says: ["mainnet", "main, test, qa, dev, devgrid"],
  },
  {
    title: "a chain address that is none",
    config: inProvider({ chain_urls: ["localhost:9944"] }),
    says: ["chain_urls", "localhost:9944", "wss://"],
  },
  {
    title: "a key type nobody knows",
    config: inProvider({ key_type: "ecdsa" }),
    says: ["key type", "ecdsa", "sr25519, ed25519"],
  },
  {
    title: "two machines with one identity",
    config: () =>
      stack(PROJECT, {
        threefold_virtual_machine: {
          a: machine(NODE, { name: "web" }),
          b: machine(NODE + 1, { name: "other", identity: "web" }),
        },
      }),
    says: ["identity", "virtual_machine/web"],
  },
  {
    title: "two projects with one name",
    config: () => stack({ threefold_project: { main: { name: "shop" }, again: { name: "shop" } } }),
    says: ["shop", "name"],
  },
];

test.each(BAD_INPUTS)("refuses $title before anything starts", async ({ config, says }) => {
  const { extrinsics } = project.grid.stats().chain;
  project.write({ ...config() });
  const { diagnostics } = await project.terraform.fail("apply");
  const said = diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
  for (const text of says) expect(said).toMatch(text instanceof RegExp ? text : new RegExp(escaped(text)));
  expect(said).toMatch(/Nothing was (started|made)/);
  expect(said).toMatch(/Fix: .+\[TFG_[A-Z_]+\]/);
  expect(said).not.toContain("TFG_PROVIDER_DEFECT");
  // With the lines Terraform quotes.
  expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
  expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
  expect(leftovers(project.grid)).toEqual(NOTHING);
});

test("says everything that is wrong with a machine at once, and repeats no secret", async () => {
  project.write({ ...web({ cpu: 0, memory_mib: 1, entrypoint: "x", secret_env: { TOKEN: "hunter2hunter2" } })() });
  const { diagnostics } = await project.terraform.fail("apply");
  const said = diagnostics.map(({ summary }) => summary).join("\n");
  for (const name of ["cpu", "memory_mib", "entrypoint", "secret_env.TOKEN"]) expect(said).toContain(name);
  expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
