import "../support/setup";
import { Testing } from "cdktf";
import { Construct } from "constructs";
import {
  GridStack,
  Image,
  NetworkMesh,
  Placement,
  placement,
  Secret,
  Size,
  VirtualMachine,
  type VirtualMachineProps,
  virtualMachine,
} from "../../lib";
import { later } from "../support/tokens";

const gridStack = (scope = Testing.app(), id = "shop", project = "shop") =>
  new GridStack(scope, id, { network: "devgrid", project });
const minimal = { cpu: 1, memory: Size.mib(512), image: Image.ubuntu("24.04") };
const flist = "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist";
const projectReference = {
  id: "${threefold_project.project.id}",
  key_scope: "${threefold_project.project.key_scope}",
  name: "${threefold_project.project.name}",
};
const machineOf = (props: Partial<VirtualMachineProps> = {}, stack = gridStack(), id = "web") =>
  new VirtualMachine(stack, id, { ...minimal, ...props });
const synthesised = (props: Partial<VirtualMachineProps>) => Testing.synth(machineOf(props).resource.cdktfStack);
const requestOf = (props: Partial<VirtualMachineProps>) =>
  JSON.parse(synthesised(props)).resource.threefold_placement.placement.requests.web;

describe("VirtualMachine", () => {
  it("synthesises exactly what was asked for, and a request for a node that has room", () => {
    const { resource } = JSON.parse(synthesised({}));
    expect(resource.threefold_virtual_machine).toEqual({
      web: {
        project: projectReference,
        name: "web",
        identity: "web",
        node_id: "${threefold_placement.placement.nodes.web.node_id}",
        cpu: 1,
        memory_mib: 512,
        flist,
        entrypoint: "/sbin/zinit init",
      },
    });
    expect(resource.threefold_placement.placement.requests).toEqual({
      web: { cpu: 1, memory_mib: 512, ssd_gib: 1, features: ["network", "zmachine"] },
    });
  });

  it("hands over every property in the provider's words", () => {
    const text = synthesised({
      memory: Size.gib(4),
      image: Image.flist("https://hub.example/app.flist", { entrypoint: "/bin/app" }),
      entrypoint: "/bin/other --flag",
      rootSize: Size.gib(3),
      disks: [{ size: Size.gib(50), mountPoint: "/data", name: "data" }],
      volumes: [{ size: Size.tib(1), mountPoint: "/cache" }],
      env: { A: "1" },
      secretEnv: { B: Secret.fromEnv("B_SECRET") },
      sshKeys: ["ssh-ed25519 AAAA me"],
      publicIpv4: true,
      publicIpv6: true,
      planetary: true,
      mycelium: true,
      allowDataLoss: true,
      generation: "2",
      name: "front",
      identity: "shop/front",
    });
    expect(text).toHaveResourceWithProperties(virtualMachine.VirtualMachine, {
      memory_mib: 4096,
      flist: "https://hub.example/app.flist",
      entrypoint: "/bin/other --flag",
      root_size_mib: 3072,
      disks: [{ mount_point: "/data", size_gib: 50, name: "data" }],
      volumes: [{ mount_point: "/cache", size_gib: 1024 }],
      env: { A: "1" },
      secret_env: { B: "env:B_SECRET" },
      ssh_keys: ["ssh-ed25519 AAAA me"],
      public_ipv4: true,
      public_ipv6: true,
      planetary: true,
      mycelium: true,
      allow_data_loss: true,
      generation: "2",
      name: "front",
      identity: "shop/front",
    });
  });

  it("asks for a node with everything its properties take", () => {
    const wanted = requestOf({
      cpu: 4,
      memory: Size.gib(2),
      disks: [{ size: Size.gib(50), mountPoint: "/data" }],
      volumes: [{ size: Size.gib(10), mountPoint: "/cache" }],
      publicIpv4: true,
      planetary: true,
      mycelium: true,
      placement: Placement.where({ country: "Belgium", features: ["wireguard"] }).and(Placement.spread("web")),
    });
    expect(wanted).toEqual({
      cpu: 4,
      memory_mib: 2048,
      ssd_gib: 62,
      free_ipv4: 1,
      country: "Belgium",
      spread: "web",
      features: ["ip", "mycelium", "network", "volume", "wireguard", "yggdrasil", "zmachine", "zmount"],
    });
  });

  it("counts the root filesystem: the node's least, the image's need, or what was asked for", () => {
    expect(requestOf({ cpu: 4, memory: Size.gib(2) }).ssd_gib).toBe(2);
    expect(requestOf({ image: Image.official("ubuntu-24.04-full") }).ssd_gib).toBe(25);
    expect(requestOf({ rootSize: Size.gib(7) }).ssd_gib).toBe(7);
  });

  it("runs on the node it is told to, which is still looked up for its facts", () => {
    expect(requestOf({ placement: Placement.node(14) })).toMatchObject({ node_id: 14, cpu: 1 });
  });

  it("takes a node that only Terraform knows as it is, without asking for one", () => {
    const text = synthesised({ placement: Placement.node(later("node")) });
    expect(text).toHaveResourceWithProperties(virtualMachine.VirtualMachine, { node_id: "${var.node}" });
    expect(text).not.toHaveResource(placement.Placement);
  });

  it("lets numbers pass that only Terraform knows, and computes with them there", () => {
    const text = synthesised({
      cpu: later("cpu"),
      memory: Size.gib(later("memory")),
      disks: [{ size: Size.gib(later("disk")), mountPoint: "/data" }],
    });
    expect(text).toHaveResourceWithProperties(virtualMachine.VirtualMachine, {
      cpu: "${var.cpu}",
      memory_mib: "${(var.memory * 1024)}",
    });
    const { requests } = JSON.parse(text).resource.threefold_placement.placement;
    expect(requests.web.ssd_gib).toBe("${(2 + var.disk)}");
  });

  it("takes its name from its id and its identity from its path", () => {
    const stack = gridStack();
    const group = new Construct(new Construct(stack, "k8s"), "eu west");
    const machine = machineOf({}, group as unknown as GridStack, "server-1");
    expect(machine.identity).toBe("k8s/eu_west/server-1");
    expect(Testing.synth(stack)).toHaveResourceWithProperties(virtualMachine.VirtualMachine, {
      name: "server_1",
      identity: "k8s/eu_west/server-1",
    });
  });

  it("has an identity that fits however deep its path is", () => {
    const deep = ["one", "two", "three", "four"].reduce<Construct>(
      (scope, id) => new Construct(scope, `${id}-${"x".repeat(20)}`),
      gridStack(),
    );
    expect(machineOf({}, deep as unknown as GridStack).identity.length).toBeLessThanOrEqual(64);
  });

  it("refuses an identity that another construct has, and names both", () => {
    const stack = gridStack();
    machineOf({}, stack, "web");
    expect(() => machineOf({ identity: "web" }, stack, "other")).toThrow(
      /Two constructs have the identity "web"\.\n +first +shop\/web\n +second +shop\/other/,
    );
  });

  it("refuses a mesh of another stack", () => {
    const app = Testing.app();
    const mesh = new NetworkMesh(gridStack(app, "one", "one"), "mesh");
    expect(() => machineOf({ mesh }, gridStack(app, "two", "two"))).toThrow(
      /"two\/web" cannot join a mesh of another stack/,
    );
  });

  it("is imported by the number of its contract", () => {
    const machine = machineOf();
    machine.importFrom("4021");
    expect(JSON.parse(Testing.synth(machine.resource.cdktfStack)).import).toEqual([
      { id: "4021", to: "threefold_virtual_machine.web" },
    ]);
  });

  it("is found from its construct by the usual escape hatch", () => {
    const machine = machineOf();
    expect(machine.node.defaultChild).toBe(machine.resource);
  });

  const disk = { size: Size.gib(1), mountPoint: "/data" };
  it.each<[string, Partial<VirtualMachineProps>, RegExp]>([
    ["too many cores", { cpu: 64 }, /cpu cannot be 64\.[\s\S]*a whole number from 1 to 32/],
    ["half a core", { cpu: 0.5 }, /cpu cannot be 0\.5/],
    ["too little memory", { memory: Size.mib(128) }, /memory cannot be 128 MiB\.[\s\S]*from 256 to 262144 MiB/],
    ["a root filesystem below the least", { cpu: 4, memory: Size.gib(4), rootSize: Size.gib(1) }, /from 2048 to/],
    ["a disk of a part of a GiB", { disks: [{ ...disk, size: Size.mib(100) }] }, /disks\[0\]\.size cannot be 0\.09/],
    ["a disk mounted over everything", { disks: [{ ...disk, mountPoint: "/" }] }, /an absolute path below \//],
    [
      "a relative mount point",
      { volumes: [{ ...disk, mountPoint: "data" }] },
      /volumes\[0\]\.mountPoint cannot be "data"/,
    ],
    [
      "two at one mount point",
      { disks: [disk], volumes: [{ ...disk, mountPoint: "/data/" }] },
      /no other disk or volume/,
    ],
    [
      "two of one name",
      {
        disks: [
          { ...disk, name: "a" },
          { ...disk, mountPoint: "/b", name: "a" },
        ],
      },
      /unique in the machine/,
    ],
    [
      "a mount over the machine's own",
      { disks: [{ ...disk, mountPoint: "/proc/x" }] },
      /outside \/proc, \/sys and \/dev/,
    ],
    ["a mount by way of another", { disks: [{ ...disk, mountPoint: "/data/../etc" }] }, /a path without \. and \.\./],
    [
      "a mount point with a newline",
      { disks: [{ ...disk, mountPoint: "/a\nb" }] },
      /mountPoint has control characters/,
    ],
    ["an environment a shell cannot carry", { env: { "FOO-BAR": "1" } }, /env\.FOO-BAR cannot be "FOO-BAR"/],
    [
      "a variable given twice",
      { env: { A: "1" }, secretEnv: { A: Secret.fromEnv("A") } },
      /keep A in one of env and secretEnv/,
    ],
    ["a relative command", { entrypoint: "app" }, /entrypoint cannot be "app"/],
    ["a boot image without a disk", { image: Image.official("ubuntu-22.04-full") }, /at least one disk/],
    [
      "an image that is no flist",
      { image: "https://hub.grid.tf/app.img" },
      /image cannot be "https:\/\/hub\.grid\.tf\/app\.img"/,
    ],
    ["a name with a dash", { name: "my-vm" }, /The grid does not allow the name "my-vm"[\s\S]*my_vm/],
    ["an identity with a blank", { identity: "my vm" }, /"my vm" cannot be an identity/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => machineOf(props)).toThrow(message);
  });

  // What the compiler stops does get here: from programs that run without it, and from variables that are not set.
  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ["a number for an amount of memory", { memory: 4096 }, /memory cannot be 4096\.[\s\S]*a Size[\s\S]*Size\.mib/],
    ["a text for an amount of memory", { memory: "4GB" }, /memory cannot be "4GB"/],
    ["a disk without a size", { disks: [{ mountPoint: "/d" }] }, /disks\[0\]\.size is undefined[\s\S]*a Size/],
    ["a disk that is no list", { disks: { size: Size.gib(1) } }, /disks is an object[\s\S]*a list/],
    ["a number in a text", { cpu: "2" }, /cpu cannot be "2"[\s\S]*a number/],
    ["no image", { image: undefined }, /image is undefined[\s\S]*Image\.ubuntu/],
    ["an image of another kind", { image: 24.04 }, /image cannot be 24\.04/],
    [
      "rules that are no placement",
      { placement: { country: "Belgium" } },
      /placement is an object[\s\S]*Placement\.where/,
    ],
    ["a mesh by name", { mesh: "mesh" }, /mesh cannot be "mesh"[\s\S]*a NetworkMesh/],
    ["one key in the place of a list", { sshKeys: "ssh-ed25519 AAAA" }, /sshKeys is a text[\s\S]*between \[ and \]/],
    [
      "a key from a variable that is not set",
      { sshKeys: [undefined] },
      /sshKeys\[0\] is undefined[\s\S]*variable set\?/,
    ],
    ["a value from a variable that is not set", { env: { A: undefined } }, /env\.A is undefined[\s\S]*variable set\?/],
    ["a number in the environment", { env: { PORT: 8080 } }, /env\.PORT cannot be 8080[\s\S]*a text/],
    ["a text for a flag", { mycelium: "yes" }, /mycelium cannot be "yes"[\s\S]*true or false/],
  ])("refuses %s, compiler or not", (_title, props, message) => {
    expect(() => machineOf(props)).toThrow(message);
    expect(() => machineOf(props)).toThrow(/VirtualMachine "shop\/web"/);
  });

  it("refuses a machine of nothing", () => {
    expect(() => new VirtualMachine(gridStack(), "web", undefined as never)).toThrow(/props is undefined/);
  });

  it("repeats no secret that was given as text", () => {
    const props = { secretEnv: { TOKEN: "canary" } } as unknown as Partial<VirtualMachineProps>;
    expect(() => machineOf(props)).toThrow(/secretEnv\.TOKEN is a text[\s\S]*Secret\.fromEnv/);
    expect(() => machineOf(props)).not.toThrow(/canary/);
  });

  it.each<[string, Partial<VirtualMachineProps>]>([
    ["env", { env: { SSH_KEY: "ssh-ed25519 AAAA me" } }],
    ["secretEnv", { secretEnv: { SSH_KEY: Secret.fromEnv("KEYS") } }],
  ])("has one place for keys: sshKeys or %s", (place, props) => {
    expect(() => machineOf(props)).not.toThrow();
    expect(() => machineOf({ ...props, sshKeys: ["ssh-ed25519 AAAA me"] })).toThrow(
      new RegExp(`${place}\\.SSH_KEY is given beside sshKeys`),
    );
  });

  it("has a mycelium address only where its mesh has them", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh", { mycelium: false });
    expect(() => machineOf({ mesh, mycelium: true }, stack)).toThrow(
      /mycelium cannot be true[\s\S]*false in shop\/mesh[\s\S]*turn mycelium on for the mesh/,
    );
    expect(() => machineOf({ mesh }, stack, "other")).not.toThrow();
  });

  it("reports everything that is wrong at once", () => {
    expect(() => machineOf({ cpu: 64, memory: Size.mib(1), name: "my-vm" })).toThrow(
      /VirtualMachine "shop\/web" was given 3 values that cannot be used/,
    );
  });

  it("never repeats a private key that was taken for a public one", () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----";
    expect(() => machineOf({ sshKeys: [key] })).toThrow(/sshKeys\[0\] is a private key/);
    expect(() => machineOf({ sshKeys: [key] })).not.toThrow(/canary/);
  });

  it("refuses a secret among the plain environment", () => {
    const env = { A: Secret.fromEnv("A") } as unknown as Record<string, string>;
    expect(() => machineOf({ env })).toThrow(/put a Secret into secretEnv/);
  });
});
