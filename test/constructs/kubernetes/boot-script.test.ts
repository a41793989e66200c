import { once } from "node:events";
import { createServer } from "node:net";
import { fileVariable } from "../../../lib/model/kubernetes/machine-env";
import { BOOT_FILES, TLS_FILES } from "../../../lib/model/kubernetes/secret-names";
import { BootMachine } from "../../support/boot-machine";

const SERVERS = ["10.20.2.2", "10.20.3.2", "10.20.4.2"];

const common = {
  K3S_TOKEN: "server-token",
  K3S_NODE_PASSWORD: "node-password",
  K3S_FLANNEL_IFACE: "eth0",
  CLUSTER_NAME: "k8s",
  CLUSTER_SERVERS: SERVERS.join(" "),
};

/** Environment of the server with the given number. */
function server(position: number, change: Readonly<Record<string, string>> = {}) {
  return {
    ...common,
    K3S_URL: "",
    K3S_AGENT_TOKEN: "agent-token",
    K3S_NODE_NAME: `server-${position}`,
    CLUSTER_SERVER: String(position),
    CLUSTER_CONFIG: 'disable: ["traefik"]\nnode-label: ["grid.tf/machine=server-1"]',
    ...Object.fromEntries([...TLS_FILES, ...BOOT_FILES].map((file) => [fileVariable(file), pemOf(file)])),
    ...change,
  };
}

const worker = {
  ...common,
  K3S_URL: "https://10.20.2.2:6443",
  K3S_NODE_NAME: "web-1",
  CLUSTER_CONFIG: 'node-label: ["grid.tf/machine=web-1"]',
};

const pemOf = (file: string) => `-----BEGIN THING-----\n${file} it's "$HOME" \`x\` \\n\n-----END THING-----\n`;

const CONFIG = "etc/rancher/k3s/config.yaml";

// Under this system's `sh`: on Debian and Ubuntu the very shell of the image.
describe("the boot script", () => {
  let machine: BootMachine;

  beforeEach(() => {
    machine = new BootMachine();
  });
  afterEach(() => machine.remove());

  it("starts the init system with k3s's own environment and none of the cluster's files", () => {
    const { init } = machine.boot(server(1, { CLUSTER_SERVERS: "10.20.2.2" }));
    expect(init.args).toBe("init");
    expect(init.env).toMatchObject({ K3S_URL: "", K3S_TOKEN: "server-token", K3S_AGENT_TOKEN: "agent-token" });
    expect(Object.keys(init.env).filter((name) => /^CLUSTER_|PASSWORD/.test(name))).toEqual([]);
  });

  it("writes the authorities as they came, for root only, and never over what is there", () => {
    machine.write("mnt/data/server/tls/client-ca.crt", "older");
    machine.boot(server(1));
    const others = TLS_FILES.filter((file) => file !== "client-ca.crt");
    for (const file of others) {
      expect(machine.file(`mnt/data/server/tls/${file}`)?.trimEnd()).toBe(pemOf(file).trimEnd());
      expect(machine.mode(`mnt/data/server/tls/${file}`)).toBe("600");
    }
    expect(machine.file("mnt/data/server/tls/client-ca.crt")).toBe("older");
    const first = machine.file("mnt/data/server/tls/etcd/peer-ca.key");
    machine.boot(server(1, { [fileVariable("etcd/peer-ca.key")]: "other" }));
    expect(machine.file("mnt/data/server/tls/etcd/peer-ca.key")).toBe(first);
  });

  it("names every address of the machine in the certificate of the API", () => {
    const env = server(1, { CLUSTER_SERVERS: "10.20.2.2", CLUSTER_NAMES: "api.example.org k8s.example.org" });
    machine.boot(env, { addresses: ["10.20.2.2/24", "185.206.122.40/24", "5ef:4c11::3/64"] });
    expect(machine.file(CONFIG)?.trimEnd().split("\n")).toEqual([
      'disable: ["traefik"]',
      'node-label: ["grid.tf/machine=server-1"]',
      "",
      "tls-san:",
      '  - "api.example.org"',
      '  - "k8s.example.org"',
      '  - "10.20.2.2"',
      '  - "10.20.2.2"',
      '  - "185.206.122.40"',
      '  - "5ef:4c11::3"',
    ]);
    expect(machine.mode(CONFIG)).toBe("600");
  });

  it("writes node password, registries and manifests, and takes away manifests that are no longer wanted", () => {
    const manifests = { CLUSTER_MANIFESTS: "a b-c", CLUSTER_MANIFEST_A: "kind: A\n", CLUSTER_MANIFEST_B_C: "kind: B" };
    machine.write("mnt/data/server/manifests/traefik.yaml", "theirs");
    machine.boot(server(1, { ...manifests, CLUSTER_REGISTRIES: '{"mirrors":{}}' }));
    expect(machine.file("etc/rancher/node/password")).toBe("node-password\n");
    expect(machine.mode("etc/rancher/node/password")).toBe("600");
    expect(machine.file("etc/rancher/k3s/registries.yaml")).toBe('{"mirrors":{}}\n');
    expect(machine.file("mnt/data/server/manifests/cluster-a.yaml")?.trimEnd()).toBe("kind: A");
    expect(machine.file("mnt/data/server/manifests/cluster-b-c.yaml")).toBe("kind: B\n");
    machine.boot(server(1, { CLUSTER_MANIFESTS: "a", CLUSTER_MANIFEST_A: "kind: A" }));
    expect(machine.file("mnt/data/server/manifests/cluster-b-c.yaml")).toBeUndefined();
    expect(machine.file("mnt/data/server/manifests/traefik.yaml")).toBe("theirs");
  });

  it("founds a cluster on the first server, after nobody answered for a while", () => {
    const { seconds, kubectl } = machine.boot(server(1));
    expect(machine.file(CONFIG)).toContain("\ncluster-init: true\n");
    expect(machine.file(CONFIG)).not.toContain("server: ");
    expect(seconds).toBeGreaterThanOrEqual(90);
    expect(seconds).toBeLessThan(120);
    expect(kubectl).toEqual([]);
  });

  it("joins on a first server that was replaced on request, however long the mesh is away", () => {
    const replaced = server(1, { CLUSTER_REPLACED: "1" });
    machine.boot(replaced, { answering: { "10.20.3.2": 600 } });
    expect(machine.file(CONFIG)).toContain("\nserver: https://10.20.3.2:6443\n");
    expect(machine.file(CONFIG)).not.toContain("cluster-init");
  });

  it("stays with what it founded, whoever answers later and whatever became of the root filesystem", () => {
    const { env } = machine.boot(server(1)).init;
    machine.rebuild();
    const again = machine.boot(server(1), { answering: { "10.20.3.2": 0 } });
    expect(machine.file(CONFIG)).toContain("\ncluster-init: true\n");
    expect(again.init.env.K3S_NODE_NAME).toBe(env.K3S_NODE_NAME);
    expect(again.seconds).toBe(0);
  });

  it("never founds a second cluster: a first server without data joins whoever answers, even late", () => {
    const { seconds, kubectl } = machine.boot(server(1), { answering: { "10.20.4.2": 60 } });
    expect(machine.file(CONFIG)).toContain("\nserver: https://10.20.4.2:6443\n");
    expect(machine.file(CONFIG)).not.toContain("cluster-init");
    expect(seconds).toBeLessThan(90);
    expect(kubectl).toHaveLength(1);
  });

  it("has the cluster forget the server that it replaces before it joins", () => {
    const { kubectl, init } = machine.boot(server(2), { answering: { "10.20.2.2": 0 }, kubectlFailures: 2 });
    expect(kubectl).toHaveLength(3);
    expect(kubectl[2]).toMatch(
      /^--server https:\/\/10\.20\.2\.2:6443 --certificate-authority \S+\/mnt\/data\/server\/tls\/server-ca\.crt --client-certificate \S+\/boot\.crt --client-key \S+\/boot\.key --request-timeout 20s delete nodes --selector grid\.tf\/machine=server-2 --wait=false$/,
    );
    expect(machine.file("mnt/data/.cluster/boot.key")?.trimEnd()).toBe(pemOf("boot.key").trimEnd());
    expect(init.env.K3S_NODE_NAME).toMatch(/^server-2-[a-z0-9]{5}$/);
  });

  it("joins all the same when the former server cannot be removed, and says so", () => {
    const { output } = machine.boot(server(2), { answering: { "10.20.2.2": 0 }, kubectlFailures: 99 });
    expect(output).toContain("the former server-2 could not be removed");
    expect(machine.file(CONFIG)).toContain("\nserver: https://10.20.2.2:6443\n");
  });

  it("takes another node name on another disk, as the old one may still be known", () => {
    const other = new BootMachine();
    const names = [machine, other].map((each) => each.boot(server(1, { CLUSTER_SERVERS: "10.20.2.2" })).init.env);
    other.remove();
    expect(names[0]?.K3S_NODE_NAME).not.toBe(names[1]?.K3S_NODE_NAME);
  });

  it("waits for the server before it, so that servers join one at a time", () => {
    const inOrder = machine.boot(server(3), { answering: { "10.20.2.2": 0, "10.20.3.2": 100 } });
    expect(machine.file(CONFIG)).toContain("\nserver: https://10.20.3.2:6443\n");
    expect(inOrder.seconds).toBeGreaterThanOrEqual(100);
  });

  it("joins any server when the one before it does not come", () => {
    const { seconds } = machine.boot(server(3), { answering: { "10.20.2.2": 0 } });
    expect(machine.file(CONFIG)).toContain("\nserver: https://10.20.2.2:6443\n");
    expect(seconds).toBeGreaterThanOrEqual(180);
  });

  it("knows whom to join after a reboot, answering or not", () => {
    machine.boot(server(2), { answering: { "10.20.2.2": 0 } });
    expect(machine.boot(server(2), { answering: { "10.20.4.2": 0 } }).kubectl).toEqual([]);
    expect(machine.file(CONFIG)).toContain("\nserver: https://10.20.4.2:6443\n");
    machine.boot(server(2));
    expect(machine.file(CONFIG)).toContain("\nserver: https://10.20.2.2:6443\n");
  });

  it("leaves a cluster of one server on its own", () => {
    const { seconds } = machine.boot(server(1, { CLUSTER_SERVERS: "10.20.2.2" }));
    expect(machine.file(CONFIG)).not.toMatch(/cluster-init|server:/);
    expect(seconds).toBe(0);
  });

  it("sends a worker to a server that answers, under its own name, with nothing of the servers", () => {
    const { init } = machine.boot(worker, { answering: { "10.20.3.2": 0 } });
    expect(init.env).toMatchObject({ K3S_URL: "https://10.20.3.2:6443", K3S_NODE_NAME: "web-1" });
    expect(machine.file(CONFIG)).toBe('node-label: ["grid.tf/machine=web-1"]\n');
    expect(machine.file("etc/rancher/node/password")).toBe("node-password\n");
    expect(machine.file("mnt/data/server/tls/server-ca.crt")).toBeUndefined();
  });

  it("knows by knocking on the port whether a server answers", async () => {
    // Loopback addresses of its own, where nothing else listens.
    const [silent, answering] = ["127.64.43.1", "127.64.43.2"];
    const listener = createServer().listen(6443, answering);
    await once(listener, "listening");
    const env = { ...worker, CLUSTER_SERVERS: `${silent} ${answering}` };
    expect(machine.boot(env, { isReal: true }).init.env.K3S_URL).toBe(`https://${answering}:6443`);
    listener.close();
    await once(listener, "close");
    expect(machine.boot({ ...env, K3S_URL: worker.K3S_URL }, { isReal: true }).init.env.K3S_URL).toBe(worker.K3S_URL);
  });

  it("sends a worker to the first server while none answers", () => {
    expect(machine.boot(worker).init.env.K3S_URL).toBe("https://10.20.2.2:6443");
  });
});
