/** The life of a cluster: constructs under real Terraform on a devgrid, and a real TLS client with the printed kubeconfig. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Testing } from "cdktf";
import { GridStack, KubernetesCluster, type KubernetesClusterProps, NetworkMesh, Size } from "../../lib";
import { runThreefold } from "../../lib/cli/threefold";
import type { K3sMachineView } from "../../lib/devgrid/kubernetes/k3s-machines";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { askHttps, type HttpsAnswer } from "../support/https-client";

const small = { cpu: 1, memory: Size.gib(2), disk: Size.gib(10) };

/** The configuration of a stack with a cluster; who provides it is the project's own affair. */
function synthesised(props: Partial<KubernetesClusterProps>): Record<string, unknown> {
  const stack = new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
  const mesh = new NetworkMesh(stack, "mesh");
  new KubernetesCluster(stack, "k8s", { mesh, servers: { ...small, count: 3 }, ...props });
  const { provider: _provider, terraform: _terraform, ...config } = JSON.parse(Testing.synth(stack));
  return config;
}

const workers = (count: number) => [{ ...small, name: "web", count }];

let project: GridProject;
const before = { ...process.env };

beforeAll(async () => {
  project = await startGridProject({ provisionMs: 0 });
  for (const name of ["MNEMONIC", "THREEFOLD_KEY_SECRET", "THREEFOLD_KEY_TYPE"]) delete process.env[name];
  process.env.THREEFOLD_MNEMONIC = project.grid.describe().mnemonic;
});
afterAll(async () => {
  process.env = before;
  await project?.close();
});

interface K3sView {
  readonly servers: K3sMachineView[];
  readonly agents: K3sMachineView[];
}

const k3s = async () => (await project.grid.control("dev.k3s", "k8s")) as K3sView;

/** Machines and what is planned for them, without the mesh and the choice of nodes. */
async function planned(): Promise<Record<string, string>> {
  const { changes } = await project.terraform.plan();
  const machines = changes.filter(({ address }) => address.startsWith("threefold_virtual_machine."));
  return Object.fromEntries(
    machines.map(({ address, actions }) => [/k8s_(\w+-\d+)/.exec(address)?.[1] ?? "", actions.join()]),
  );
}

async function kubeconfig(...args: string[]): Promise<{ code: number; out: string; err: string }> {
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

const stateFile = () => join(project.terraform.dir, "terraform.tfstate");

/** Asks a server with nothing but what the printed file holds. */
async function ask(path: string, machine = "server-1"): Promise<HttpsAnswer> {
  const url = (await k3s()).servers.find((server) => server.machine === machine)?.url ?? "";
  const { code, out, err } = await kubeconfig("k8s", "--state", stateFile(), "--server", url);
  expect([code, err]).toEqual([0, ""]);
  const pem = (key: string) => Buffer.from(new RegExp(`${key}-data: (\\S+)`).exec(out)?.[1] ?? "", "base64").toString();
  const [, server] = /server: (\S+)/.exec(out) ?? [];
  const credentials = { ca: pem("certificate-authority"), cert: pem("client-certificate"), key: pem("client-key") };
  return askHttps(`${server}${path}`, credentials);
}

async function nodes(machine?: string): Promise<Record<string, string>> {
  const { items } = JSON.parse((await ask("/api/v1/nodes", machine)).text);
  return Object.fromEntries(
    items.map(
      (node: { metadata: { labels: Record<string, string> }; status: { conditions: { status: string }[] } }) => [
        node.metadata.labels["grid.tf/machine"],
        node.status.conditions[0]?.status,
      ],
    ),
  );
}

describe("the life of a cluster", () => {
  test("starts with three servers on three nodes, the first of which founds it, and a worker", async () => {
    project.write(synthesised({ workers: workers(1) }));
    await project.terraform.apply();
    const { servers, agents } = await k3s();
    expect(servers.map(({ machine, role }) => [machine, role])).toEqual([
      ["server-1", "founded"],
      ["server-2", "joined"],
      ["server-3", "joined"],
    ]);
    expect(new Set(servers.map(({ nodeId }) => nodeId)).size).toBe(3);
    expect(agents).toMatchObject([{ machine: "web-1", node: "web-1", role: "joined" }]);
  });

  test("plans nothing the second time", async () => {
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("opens to the kubeconfig that is printed, at every server", async () => {
    expect(await ask("/readyz")).toEqual({ status: 200, text: "ok" });
    expect(await nodes("server-3")).toEqual({
      "server-1": "True",
      "server-2": "True",
      "server-3": "True",
      "web-1": "True",
    });
  });

  test("takes a worker in and lets one go without touching any other machine", async () => {
    project.write(synthesised({ workers: workers(2) }));
    expect(await planned()).toEqual({ "web-2": "create" });
    await project.terraform.apply("saved.tfplan");
    expect((await nodes())["web-2"]).toBe("True");
    project.write(synthesised({ workers: workers(1) }));
    expect(await planned()).toEqual({ "web-2": "delete" });
    await project.terraform.apply("saved.tfplan");
    expect((await nodes())["web-2"]).toBe("Unknown");
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("lets its first server be killed and come back as one that joins", async () => {
    const [founder] = (await k3s()).servers;
    project.grid.chain.endForLackOfFunds(founder?.contractId ?? 0);
    await project.grid.control("dev.awaitNodes");
    expect((await k3s()).servers.map(({ machine }) => machine)).toEqual(["server-2", "server-3"]);
    expect((await nodes("server-2"))["server-1"]).toBe("Unknown");
    expect(await planned()).toEqual({ "server-1": "create" });
    await project.terraform.apply("saved.tfplan");
    const back = (await k3s()).servers.find(({ machine }) => machine === "server-1");
    expect(back).toMatchObject({ role: "joined", clusterId: founder?.clusterId, ip: founder?.ip });
    expect(back?.node).not.toBe(founder?.node);
    expect(await nodes()).toMatchObject({ "server-1": "True", "server-2": "True", "server-3": "True" });
  });

  test("replaces one server on demand, and says so in the plan", async () => {
    project.write(synthesised({ workers: workers(1), replacements: { "server-1": 1 } }));
    expect(await planned()).toEqual({ "server-1": "delete,create" });
    await project.terraform.apply("saved.tfplan");
    const { servers } = await k3s();
    expect(servers.map(({ role, clusterId }) => [role, clusterId])).toEqual(servers.map(() => ["joined", 1]));
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("has a rebuilt server go on with its data under its node name", async () => {
    const names = (views: K3sView) =>
      views.servers.map(({ machine, node, clusterId }) => [machine, node, clusterId]).sort();
    const earlier = names(await k3s());
    const props = { workers: workers(1), replacements: { "server-1": 1 }, tlsSans: ["k8s.example.org"] };
    project.write(synthesised(props));
    expect(await planned()).toEqual({ "server-1": "update", "server-2": "update", "server-3": "update" });
    await project.terraform.apply("saved.tfplan");
    expect(names(await k3s())).toEqual(earlier);
  });

  test("becomes a new cluster with new secrets by its generation, all of it, as the plan says", async () => {
    const old = await kubeconfig("k8s", "--state", stateFile());
    project.write(synthesised({ workers: workers(1), generation: 2 }));
    expect(await planned()).toEqual({
      "server-1": "delete,create",
      "server-2": "delete,create",
      "server-3": "delete,create",
      "web-1": "delete,create",
    });
    await project.terraform.apply("saved.tfplan");
    const { servers, agents } = await k3s();
    expect(servers.map(({ role }) => role)).toEqual(["founded", "joined", "joined"]);
    expect(new Set([...servers, ...agents].map(({ clusterId }) => clusterId)).size).toBe(1);
    expect((await ask("/readyz")).status).toBe(200);
    const authority = (text: string) => /certificate-authority-data: (\S+)/.exec(text)?.[1];
    expect(authority((await kubeconfig("k8s", "--state", stateFile())).out)).not.toBe(authority(old.out));
  });

  test("has put no secret into configuration, plan or state", () => {
    const secrets = [...project.grid.nodes.values()]
      .flatMap((node) => node.snapshot().deployments)
      .flatMap(({ changes }) => changes)
      .flatMap(({ data }) => Object.entries((data as { env?: Record<string, string> }).env ?? {}))
      .filter(([name]) => /TOKEN|PASSWORD|_KEY$/.test(name))
      .map(([, value]) => value);
    expect(new Set(secrets).size).toBeGreaterThan(10);
    for (const name of ["main.tf.json", "terraform.tfstate", "terraform.tfstate.backup"]) {
      const text = readFileSync(join(project.terraform.dir, name), "utf8");
      // Line by line, as JSON would write newlines otherwise.
      const lines = secrets.flatMap((secret) =>
        secret.split("\n").filter((line) => line.length > 16 && !/^-----/.test(line)),
      );
      expect([name, lines.filter((line) => text.includes(line))]).toEqual([name, []]);
    }
  });

  test("leaves nothing behind when it is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
    expect(await k3s()).toEqual({ servers: [], agents: [] });
    writeFileSync(join(project.terraform.dir, "empty.json"), '{"version":4,"resources":[]}');
    const { code, err } = await kubeconfig("k8s", "--state", join(project.terraform.dir, "empty.json"));
    expect([code, err]).toEqual([1, expect.stringContaining("[TFG_NO_CLUSTER]")]);
  });
});

test("a cluster behind a gateway is reached by the gateway's name, which the plan knows", async () => {
  project.terraform.reset();
  project.write(synthesised({ servers: small, apiGateway: { name: "shop-k8s" } }));
  const { changes } = await project.terraform.plan();
  const fqdn = changes.find(({ address }) => address.startsWith("threefold_gateway_name."))?.after?.fqdn;
  expect(fqdn).toMatch(/^shop-k8s\.\w+\.devgrid\.test$/);
  await project.terraform.apply("saved.tfplan");
  expect(await planned()).toEqual({});
  const { out } = await kubeconfig("k8s", "--state", stateFile());
  expect(out).toContain(`server: https://${fqdn}`);
  await project.terraform.destroy();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});
