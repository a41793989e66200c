import "../support/setup";
import { Testing } from "cdktf";
import { GridStack, Image, Secret, Size, VirtualMachine, type VirtualMachineProps, Zdb } from "../../lib";

/** A machine with a store under the prefix CACHE. */
function environment(props: Partial<VirtualMachineProps>, prefix = "CACHE") {
  const stack = new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
  const db = new Zdb(stack, "db", { size: Size.gib(1) });
  const connections = { [prefix]: db };
  new VirtualMachine(stack, "web", { cpu: 1, memory: Size.gib(1), image: Image.ubuntu(), connections, ...props });
  const { env, secret_env } = JSON.parse(Testing.synth(stack)).resource.threefold_virtual_machine.web;
  return { env, secret_env };
}

describe("the connections of a machine", () => {
  it("join its own environment, the password as a reference", () => {
    const secretEnv = { TOKEN: Secret.fromEnv("TOKEN") };
    expect(environment({ mycelium: true, env: { MODE: "fast" }, secretEnv })).toEqual({
      env: {
        MODE: "fast",
        CACHE_HOST: "${threefold_zdb.db.mycelium_ip}",
        CACHE_PORT: "${threefold_zdb.db.port}",
        CACHE_NAMESPACE: "${threefold_zdb.db.namespace}",
      },
      secret_env: { TOKEN: "env:TOKEN", CACHE_PASSWORD: "${threefold_zdb.db.password}" },
    });
  });

  it.each<[string, Partial<VirtualMachineProps>, string]>([
    ["Yggdrasil", { planetary: true }, "${threefold_zdb.db.planetary_ip}"],
    ["public IPv6", { publicIpv6: true }, "${threefold_zdb.db.public_ipv6}"],
    [
      "mycelium, else Yggdrasil",
      { mycelium: true, planetary: true },
      "${coalesce(threefold_zdb.db.mycelium_ip, threefold_zdb.db.planetary_ip)}",
    ],
  ])("lead to an address that the machine can reach: %s", (_title, props, host) => {
    expect(environment(props).env.CACHE_HOST).toBe(host);
  });

  it.each<[string, Partial<VirtualMachineProps>, string, RegExp]>([
    ["a machine that reaches no store", { publicIpv4: true }, "CACHE", /connections lead nowhere[\s\S]*mycelium: true/],
    ["a prefix that begins with a digit", { mycelium: true }, "2ND", /connections\.2ND is no beginning of a variable/],
    [
      "a variable that the machine sets itself",
      { mycelium: true, env: { CACHE_HOST: "::1" } },
      "CACHE",
      /connections\.CACHE sets CACHE_HOST again/,
    ],
    [
      "a secret that the machine sets itself",
      { mycelium: true, secretEnv: { CACHE_PASSWORD: Secret.fromEnv("X") } },
      "CACHE",
      /connections\.CACHE sets CACHE_PASSWORD again/,
    ],
  ])("are refused for %s", (_title, props, prefix, message) => {
    expect(() => environment(props, prefix)).toThrow(message);
  });

  it("are refused for anything but a store", () => {
    const props = { mycelium: true, connections: { CACHE: "db" } } as unknown as Partial<VirtualMachineProps>;
    expect(() => environment(props)).toThrow(/connections\.CACHE.*\n[\s\S]*a Zdb/);
  });
});
