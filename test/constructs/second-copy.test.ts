/** A program can have this package twice, each copy with classes of its own. */
import { Testing } from "cdktf";
import {
  Gateway,
  GridStack,
  KubernetesCluster,
  NetworkMesh,
  RawDeployment,
  type Secret,
  Size,
  VirtualMachine,
} from "../../lib";

interface Copy {
  readonly secret: typeof import("../../lib/constructs/secret");
  readonly backend: typeof import("../../lib/constructs/backend");
  readonly image: typeof import("../../lib/constructs/image");
}

function secondCopy(): Copy {
  const copy: Copy[] = [];
  jest.isolateModules(() =>
    copy.push({
      secret: require("../../lib/constructs/secret"),
      backend: require("../../lib/constructs/backend"),
      image: require("../../lib/constructs/image"),
    }),
  );
  const [only] = copy;
  if (!only) throw new Error("nothing was loaded");
  return only;
}

const { secret, backend, image } = secondCopy();
const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
const password: Secret = secret.Secret.fromEnv("PW");

describe("a value of another copy of the package", () => {
  it("is a secret in workloads, which a field called reference is not", () => {
    const stack = gridStack();
    const data = { size: 1024 ** 3, mode: "user", password };
    const workloads = [{ name: "db", type: "zdb", data }];
    new RawDeployment(stack, "raw", { workloads });
    const { raw } = JSON.parse(Testing.synth(stack)).resource.threefold_deployment;
    expect(JSON.parse(raw.workloads)[0].data.password).toEqual({ $secret: "env:PW" });
    const strange = [{ name: "db", type: "zdb", data: { ...data, note: { reference: "12" } } }];
    expect(() => new RawDeployment(gridStack(), "raw", { workloads: strange })).toThrow(/data\.note is not known/);
  });

  it("is a secret as the registries of a cluster", () => {
    const stack = gridStack();
    new KubernetesCluster(stack, "k8s", { mesh: new NetworkMesh(stack, "mesh"), registries: password });
    const machines = JSON.parse(Testing.synth(stack)).resource.threefold_virtual_machine;
    const [server] = Object.values<{ readonly secret_env: Readonly<Record<string, string>> }>(machines);
    expect(server?.secret_env.CLUSTER_REGISTRIES).toBe("env:PW");
  });

  it("is an image with all its rules", () => {
    const size = { node: 1, cpu: 1, memory: Size.gib(1) };
    const boot = () =>
      new VirtualMachine(gridStack(), "web", { ...size, image: image.Image.official("ubuntu-22.04-full") });
    expect(boot).toThrow(/boots from it/);
    const start = () => new VirtualMachine(gridStack(), "web", { ...size, image: image.Image.application("gitea") });
    expect(start).toThrow(/for the application of this image/);
    const entrypoint = "sbin/init";
    const flist = image.Image.flist("https://hub.grid.tf/me/own.flist", { entrypoint });
    expect(() => new VirtualMachine(gridStack(), "web", { ...size, image: flist })).toThrow(/an absolute path/);
  });

  it("is a backend of a gateway", () => {
    const address = "185.206.122.100";
    const web = new backend.Backend({ protocol: "http", address, isIpv6: false, port: 80, mesh: undefined });
    expect(() => new Gateway(gridStack(), "www", { name: "shop", backend: web })).not.toThrow();
  });
});
