import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { urlOf } from "../../../lib/cli/kubeconfig/server-url";
import { runThreefold } from "../../../lib/cli/threefold";
import { Secret } from "../../../lib/core/secret";
import { KeyDerivation } from "../../../lib/model/key-derivation";
import { deriveAuthority } from "../../../lib/model/kubernetes/authorities";

const MINI_SECRET = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
const GENESIS = `0x${"33".repeat(32)}`;
const OTHER_PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const keys = new KeyDerivation(new Secret(MINI_SECRET), GENESIS, "shop");

interface StateChange {
  readonly cluster?: string;
  readonly identity?: string;
  readonly isMade?: boolean;
  readonly endpoint?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

function server(position: number, change: StateChange = {}): object {
  const { cluster = "k8s", identity = "k8s", isMade = true, endpoint } = change;
  const attributes = {
    name: `${cluster}_server_${position}`,
    project: { id: "shop.0011223344556677", name: "shop", key_scope: "shop" },
    contract_id: String(position),
    env: {
      CLUSTER_NAME: cluster,
      K3S_NODE_NAME: `server-${position}`,
      ...(endpoint === undefined ? {} : { CLUSTER_ENDPOINT: endpoint }),
    },
    secret_env: { CLUSTER_TLS_CLIENT_CA_KEY: `derive:k3s-client-ca-key/${identity}/2` },
    ip: `10.20.${position + 1}.2`,
    ...change.attributes,
  };
  const kept = JSON.stringify({ genesis: GENESIS, twin: 7, network: "main", fingerprints: {} });
  const instance = { attributes, ...(isMade ? { private: Buffer.from(kept).toString("base64") } : {}) };
  return { mode: "managed", type: "threefold_virtual_machine", name: `server_${position}`, instances: [instance] };
}

function project(keyCheck = keys.check()): object {
  const attributes = { id: "shop.0011223344556677", name: "shop", key_scope: "shop", key_check: keyCheck };
  return { mode: "managed", type: "threefold_project", name: "project", instances: [{ attributes }] };
}

const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
const before = { ...process.env };
const home = process.cwd();

beforeEach(() => {
  for (const name of ["THREEFOLD_MNEMONIC", "THREEFOLD_KEY_SECRET", "THREEFOLD_KEY_TYPE"]) delete process.env[name];
  process.env.MNEMONIC = MINI_SECRET;
});
afterEach(() => process.chdir(home));
afterAll(() => {
  process.env = before;
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const code = await runThreefold(["kubeconfig", ...args], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    stop: new AbortController().signal,
    handSignals: () => undefined,
  });
  return { code, ...said };
}

function kubeconfig(resources: readonly object[], ...args: string[]) {
  const path = join(folder, "state.json");
  writeFileSync(path, JSON.stringify({ version: 4, resources }));
  return run(...args, "--state", path);
}

const serverIn = (text: string) => /^ {4}server: (\S+)$/m.exec(text)?.[1];
const pemIn = (text: string, name: string) =>
  Buffer.from(new RegExp(`^ {4}${name}-data: (\\S+)$`, "m").exec(text)?.[1] ?? "", "base64").toString();

describe("threefold kubeconfig", () => {
  test("mints an administrator's certificate that the cluster's authority vouches for, for a day", async () => {
    const started = Date.now();
    const { code, out, err } = await kubeconfig([project(), server(1)], "k8s");
    expect([code, err]).toEqual([0, ""]);
    const authorities = { keys, cluster: "k8s", version: 2 };
    expect(pemIn(out, "certificate-authority")).toBe(deriveAuthority(authorities, "server-ca").certificate);
    const certificate = new X509Certificate(pemIn(out, "client-certificate"));
    const clientCa = new X509Certificate(deriveAuthority(authorities, "client-ca").certificate);
    expect(certificate.checkIssued(clientCa) && certificate.verify(clientCa.publicKey)).toBe(true);
    expect(certificate.subject).toBe("O=system:masters\nCN=system:admin");
    expect(certificate.checkPrivateKey(createPrivateKey(pemIn(out, "client-key")))).toBe(true);
    const validMs = new Date(certificate.validTo).getTime() - started;
    expect(Math.abs(validMs - 86_400_000)).toBeLessThan(60_000);
    expect(new Date(certificate.validFrom).getTime()).toBeLessThan(started);
  });

  test("makes another key and certificate at every call", async () => {
    const texts = [await kubeconfig([server(1)], "k8s"), await kubeconfig([server(1)], "k8s")].map(({ out }) => out);
    expect(pemIn(texts[0] ?? "", "client-key")).not.toBe(pemIn(texts[1] ?? "", "client-key"));
    const [first, second] = texts.map((text) => new X509Certificate(pemIn(text, "client-certificate")).serialNumber);
    expect(first).not.toBe(second);
  });

  test("--json tells where, for whom and how long", async () => {
    const { out } = await kubeconfig([server(1)], "k8s", "--json", "--expires", "30m");
    const { kubeconfig: text, expires, ...rest } = JSON.parse(out);
    expect(rest).toEqual({ cluster: "k8s", stack: join(folder, "state.json"), server: "https://10.20.2.2:6443" });
    expect(new Date(expires).getTime() - Date.now()).toBeLessThanOrEqual(30 * 60_000);
    const { validTo } = new X509Certificate(pemIn(text, "client-certificate"));
    expect(Math.abs(new Date(validTo).getTime() - new Date(expires).getTime())).toBeLessThan(1000);
  });

  test.each(["2024", "true"])("keeps the name %s a text", async (cluster) => {
    const { out } = await kubeconfig([server(1, { cluster })], cluster);
    const named = out.split("\n").filter((line) => /(name|cluster|user|context): /.test(line));
    expect(named.map((line) => line.trim())).toEqual([
      `- name: "${cluster}"`,
      `- name: "${cluster}-admin"`,
      `- name: "${cluster}"`,
      `cluster: "${cluster}"`,
      `user: "${cluster}-admin"`,
      `current-context: "${cluster}"`,
    ]);
  });

  const addresses = { mycelium_ip: "5ef:4c11::3", planetary_ip: "300::1" };

  test.each<[string, object, string]>([
    [
      "the endpoint that the cluster names",
      server(1, { endpoint: "k8s.gent01.grid.tf" }),
      "https://k8s.gent01.grid.tf:443",
    ],
    ["its port", server(1, { endpoint: "k8s.example.org:8443" }), "https://k8s.example.org:8443"],
    [
      "a public address",
      server(1, { attributes: { ...addresses, public_ipv4_address: "185.206.122.40" } }),
      "https://185.206.122.40:6443",
    ],
    ["a mycelium address", server(1, { attributes: addresses }), "https://[5ef:4c11::3]:6443"],
    ["the private address", server(1), "https://10.20.2.2:6443"],
  ])("leads to %s", async (_what, object, url) => {
    expect(serverIn((await kubeconfig([object], "k8s")).out)).toBe(url);
  });

  test.each([
    ["10.20.3.2", "https://10.20.3.2:6443"],
    ["5ef:4c11::3", "https://[5ef:4c11::3]:6443"],
    ["[5ef:4c11::3]:443", "https://[5ef:4c11::3]:443"],
    ["https://127.0.0.1:40123/", "https://127.0.0.1:40123"],
    ["k8s.example.org", "https://k8s.example.org:6443"],
  ])("leads to %s when it is told to", async (given, url) => {
    expect(serverIn((await kubeconfig([server(1)], "k8s", "--server", given)).out)).toBe(url);
    expect(urlOf(given, 6443)).toBe(url);
  });

  test("finds the cluster in the stacks of the project, and wants to know which when several have one", async () => {
    const outdir = join(folder, "cdktf.out");
    const stacks = ["blog", "shop"];
    for (const name of stacks) {
      const path = join(outdir, "stacks", name);
      mkdirSync(path, { recursive: true });
      const backend = { local: { path: join(path, "terraform.tfstate") } };
      writeFileSync(join(path, "cdk.tf.json"), JSON.stringify({ terraform: { backend } }));
      writeFileSync(join(path, "terraform.tfstate"), JSON.stringify({ version: 4, resources: [server(1)] }));
    }
    const manifest = { version: "0.21.0", stacks: Object.fromEntries(stacks.map((name) => [name, {}])) };
    writeFileSync(join(outdir, "manifest.json"), JSON.stringify(manifest));
    process.chdir(folder);
    const { code, err } = await run("k8s");
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/There are 2 clusters "k8s"[\s\S]*blog, shop[\s\S]*--stack/),
    ]);
    expect(JSON.parse((await run("k8s", "--stack", "blog", "--json")).out).stack).toBe("blog");
  });

  test.each<[string, readonly object[], string, RegExp]>([
    ["an unknown cluster", [server(1)], "other", /no cluster "other"[\s\S]*k8s \([\s\S]*TFG_NO_CLUSTER/],
    ["a state without clusters", [project()], "k8s", /clusters +none[\s\S]*deploy the stack/],
    ["a cluster never made", [server(1, { isMade: false })], "k8s", /TFG_CLUSTER_NOT_READY/],
    ["two clusters of one name", [server(1), server(2, { identity: "b/k8s" })], "k8s", /There are 2 clusters/],
    ["another secret", [project("0000000000000000"), server(1)], "k8s", /TFG_OTHER_SECRET/],
  ])("fails for %s", async (_what, resources, name, message) => {
    const { code, out, err } = await kubeconfig(resources, name);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(message);
  });

  test("has no account of its own for a network with real money, and never repeats the one there is", async () => {
    delete process.env.MNEMONIC;
    expect((await kubeconfig([server(1)], "k8s")).err).toContain("[TFG_NO_MNEMONIC]");
    process.env.MNEMONIC = OTHER_PHRASE;
    const { err } = await kubeconfig([project(), server(1)], "k8s");
    expect(err).toContain("[TFG_OTHER_SECRET]");
    expect(err).not.toContain("abandon");
  });

  test.each([
    [[]],
    [["k8s", "more"]],
    [["k8s", "--speed"]],
    [["k8s", "--expires", "0h"]],
    [["k8s", "--expires", "2y"]],
    [["k8s", "--expires", "366d"]],
  ])("%j is wrong usage", async (args) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain("Run threefold kubeconfig --help for usage.");
  });
});
