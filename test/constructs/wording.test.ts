/** What a construct refuses, the provider refuses in the same words: nobody reads two texts for one mistake. */
import { Testing } from "cdktf";
import {
  Gateway,
  type GatewayProps,
  GridStack,
  Image,
  NetworkMesh,
  Size,
  VirtualMachine,
  type VirtualMachineProps,
} from "../../lib";
import { GridError } from "../../lib/core/errors";
import type { Resource } from "../../lib/provider/resource";
import { gatewayName } from "../../lib/provider/resources/gateway/gateway-name";
import { network } from "../../lib/provider/resources/network";
import { virtualMachine } from "../../lib/provider/resources/virtual-machine";
import type { ObjectValue } from "../../lib/provider/schema/value";

const stack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
const base: VirtualMachineProps = { cpu: 1, memory: Size.mib(512), image: Image.ubuntu() };

const PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----";
const BIG = Object.fromEntries([..."ABCDE"].map((name) => [name, "x".repeat(120_000)]));

function thrownBy(make: () => unknown): GridError {
  try {
    make();
  } catch (error) {
    if (error instanceof GridError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function textOf({ code, summary, facts: { construct: _, ...facts }, standing, remedy }: GridError) {
  return { code, summary, facts, standing, remedy };
}

const foundBy = (resource: Resource, config: ObjectValue) => resource.validate?.(config).map(textOf);

describe("a mistake in a machine", () => {
  it.each<[string, Partial<VirtualMachineProps>, ObjectValue]>([
    ["name", { name: "my-vm" }, { name: "my-vm" }],
    ["identity", { identity: "my vm" }, { identity: "my vm" }],
    ["cpu", { cpu: 33 }, { cpu: 33 }],
    ["entrypoint", { entrypoint: "app" }, { entrypoint: "app" }],
    ["environment", { env: { "A-B": "" } }, { env: { "A-B": "" } }],
    ["a variable without a name", { env: { "": "x" } }, { env: { "": "x" } }],
    ["a zero byte", { env: { A: "a\0b" } }, { env: { A: "a\0b" } }],
    ["a private key in plain sight", { env: { A: PRIVATE_KEY } }, { env: { A: PRIVATE_KEY } }],
    ["a big variable", { env: { A: "x".repeat(131_070) } }, { env: { A: "x".repeat(131_070) } }],
    ["a big environment", { env: BIG }, { env: BIG }],
    ["generation", { generation: "the second" }, { generation: "the second" }],
  ])("is told alike: %s", (_title, props, config) => {
    const refused = thrownBy(() => new VirtualMachine(stack(), "web", { ...base, ...props }));
    expect(foundBy(virtualMachine, config)).toEqual([textOf(refused)]);
  });

  it("is allowed or refused alike at every border", () => {
    const isRefused = (props: Partial<VirtualMachineProps>) => {
      try {
        new VirtualMachine(stack(), "web", { ...base, ...props });
        return false;
      } catch {
        // Only whether it is refused is compared here; how it is said is compared above.
        return true;
      }
    };
    for (const cpu of [0, 1, 32, 33]) {
      expect([cpu, isRefused({ cpu })]).toEqual([cpu, foundBy(virtualMachine, { cpu })?.length === 1]);
    }
    for (const mib of [255, 256, 262_144, 262_145]) {
      const memory = { memory_mib: mib };
      expect([mib, isRefused({ memory: Size.mib(mib) })]).toEqual([mib, foundBy(virtualMachine, memory)?.length === 1]);
    }
    for (const [cpu, gib, rootMib] of [
      [1, 4, 499],
      [1, 4, 500],
      [2, 4, 2047],
      [2, 4, 2048],
    ] as const) {
      const config = { cpu, memory_mib: gib * 1024, root_size_mib: rootMib };
      const refused = isRefused({ cpu, memory: Size.gib(gib), rootSize: Size.mib(rootMib) });
      expect([rootMib, refused]).toEqual([rootMib, foundBy(virtualMachine, config)?.length === 1]);
    }
  });
});

describe("a mistake in a gateway", () => {
  it.each<[string, Partial<GatewayProps>, ObjectValue]>([
    ["name", { name: "Shop" }, { name: "Shop" }],
    ["identity", { identity: "my gateway" }, { identity: "my gateway" }],
    ["https backend", { backends: ["https://10.0.0.1"] }, { backends: ["https://10.0.0.1"] }],
    ["host name", { backends: ["http://web"] }, { backends: ["http://web"] }],
    [
      "passthrough",
      { backends: ["http://10.0.0.1"], tlsPassthrough: true },
      { backends: ["http://10.0.0.1"], tls_passthrough: true },
    ],
  ])("is told alike: %s", (_title, props, config) => {
    const base: GatewayProps = { name: "shop", backends: ["http://10.0.0.1"] };
    const refused = thrownBy(() => new Gateway(stack(), "www", { ...base, ...props }));
    expect(foundBy(gatewayName, { ...config })).toEqual([textOf(refused)]);
  });
});

describe("a mistake in a mesh", () => {
  it("is told alike", () => {
    const refused = thrownBy(() => new NetworkMesh(stack(), "mesh", { access: ["my laptop"] }));
    expect(foundBy(network, { access: ["my laptop"] })).toEqual([textOf(refused)]);
  });
});
