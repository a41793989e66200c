import "../support/setup";
import { execFileSync } from "node:child_process";
import { Testing } from "cdktf";
import {
  type ApplicationImage,
  GridStack,
  Image,
  Secret,
  Size,
  VirtualMachine,
  type VirtualMachineProps,
  virtualMachine,
} from "../../lib";
import { applicationImages } from "../../lib/constructs/private/application-images";
import { later } from "../support/tokens";

const machineOf = (props: Partial<VirtualMachineProps>) =>
  new VirtualMachine(new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" }), "web", {
    cpu: 2,
    memory: Size.gib(4),
    image: Image.ubuntu(),
    ...props,
  });

describe("Image.docker", () => {
  const start = { repository: "me.3bot", entrypoint: "/bin/app" };

  it.each([
    ["nginx", "nginx-latest"],
    ["nginx:1.27", "nginx-1.27"],
    ["grafana/grafana:11.0.0", "grafana-grafana-11.0.0"],
    ["ghcr.io/a/b:c", "ghcr.io-a-b-c"],
  ])("finds %s where the hub puts it", (reference, file) => {
    expect(Image.docker(reference, start).flist).toBe(`https://hub.grid.tf/me.3bot/${file}.flist`);
  });

  it("finds it on another hub", () => {
    expect(Image.docker("nginx:1", { ...start, hub: "https://hub.example/" }).flist).toBe(
      "https://hub.example/me.3bot/nginx-1.flist",
    );
  });

  it.each<[string, string, RegExp]>([
    ["a digest", "nginx@sha256:ab12", /cannot be "nginx@sha256:ab12"[\s\S]*name a tag/],
    ["a registry with a port", "registry.example:5000/app", /a registry without a port/],
    ["a registry with a port and a tag", "registry.example:5000/app:1", /a registry without a port/],
    ["capitals", "Nginx:1", /name:tag of a public image/],
    ["an empty tag", "nginx:", /name:tag of a public image/],
    ["nothing", "", /name:tag of a public image/],
  ])("refuses %s", (_title, reference, message) => {
    expect(() => Image.docker(reference, start)).toThrow(message);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["no command", { entrypoint: undefined }, /entrypoint is missing[\s\S]*ENTRYPOINT and CMD/],
    ["an empty command", { entrypoint: [] }, /entrypoint is missing/],
    ["a relative command", { entrypoint: "docker-entrypoint.sh" }, /an absolute path[\s\S]*set workdir/],
    ["a relative program", { entrypoint: ["nginx", "-g"] }, /cannot be "nginx -g"/],
    ["a relative directory", { workdir: "app" }, /workdir cannot be "app"/],
    ["a repository with a path", { repository: "me.3bot/x" }, /repository cannot be "me\.3bot\/x"/],
    ["no repository", { repository: undefined }, /repository cannot be "undefined"/],
  ])("refuses %s", (_title, options, message) => {
    expect(() => Image.docker("nginx:1", { ...start, ...options })).toThrow(message);
  });

  it.each<[string, string | readonly string[], string | undefined, string]>([
    ["a text as it is", "/bin/sh -c 'sleep 1'", undefined, "/bin/sh -c 'sleep 1'"],
    ["words that need quotes", ["/usr/sbin/nginx", "-g", "daemon off;"], undefined, "/usr/sbin/nginx -g 'daemon off;'"],
    ["words with quotes", ["/bin/echo", "it's", ""], undefined, "/bin/echo 'it'\\''s' ''"],
    [
      "a program in its directory",
      ["node", "server.js"],
      "/app",
      `/bin/sh -c 'cd "$0" && exec "$@"' /app node server.js`,
    ],
    [
      "a text in a directory",
      "node 'my server.js'",
      "/a b",
      `/bin/sh -c 'cd "$0" && exec "$@"' '/a b' node 'my server.js'`,
    ],
  ])("starts %s", (_title, entrypoint, workdir, line) => {
    expect(Image.docker("app:1", { repository: "me.3bot", entrypoint, workdir }).entrypoint).toBe(line);
  });
});

describe("the command of a docker image", () => {
  it("is split again into the words it was made of", () => {
    const words = ["/bin/echo", "it's", "", 'say "no"', "$HOME", "a\\b", "# none", "*", "two\nlines"];
    const { entrypoint } = Image.docker("app:1", { repository: "me.3bot", entrypoint: words });
    const shown = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${entrypoint}`], { encoding: "utf8" });
    expect(shown.split("\0").slice(0, -1)).toEqual(words);
  });
});

describe("Image.application", () => {
  const site = Image.application("wordpress");
  const env = { MYSQL_USER: "wp", ADMIN_EMAIL: "a@b.c", WP_URL: "https://w" };
  const whole: Partial<VirtualMachineProps> = {
    image: site,
    env,
    secretEnv: { MYSQL_PASSWORD: Secret.fromEnv("WP") },
    disks: [{ size: Size.gib(50), mountPoint: "/var/www/html/" }],
  };

  it("brings command and port, and takes a machine that has what it needs", () => {
    expect(site.port).toBe(80);
    expect(Testing.synth(machineOf(whole).resource.cdktfStack)).toHaveResourceWithProperties(
      virtualMachine.VirtualMachine,
      { flist: "https://hub.grid.tf/tf-official-apps/tf-wordpress-latest.flist", entrypoint: "/sbin/zinit init" },
    );
  });

  it.each<[string, Partial<VirtualMachineProps>, RegExp]>([
    ["too few cores", { cpu: 1 }, /cpu cannot be 1\.[\s\S]*2 or more for the application/],
    ["too little memory", { memory: Size.gib(2) }, /memory cannot be "2048 MiB"[\s\S]*4096 MiB or more/],
    ["no data disk", { disks: [] }, /disks has none at \/var\/www\/html/],
    ["a disk elsewhere", { disks: [{ size: Size.gib(50), mountPoint: "/data" }] }, /a disk of 50 GiB or more at/],
    [
      "a disk that is too small",
      { disks: [{ size: Size.gib(10), mountPoint: "/var/www/html" }] },
      /disks\[0\]\.size cannot be "10 GiB"/,
    ],
    ["variables missing", { env: { MYSQL_USER: "wp" } }, /env lacks ADMIN_EMAIL, WP_URL/],
    ["a password missing", { secretEnv: {} }, /env lacks MYSQL_PASSWORD/],
  ])("refuses %s", (_title, change, message) => {
    expect(() => machineOf({ ...whole, ...change })).toThrow(message);
  });

  it("refuses a machine that nobody could reach", () => {
    const disks = [{ size: Size.gib(50), mountPoint: "/var/lib/docker" }];
    const caprover = { image: Image.application("caprover"), disks, env: { PUBLIC_KEY: "k", SWM_NODE_MODE: "leader" } };
    expect(() => machineOf(caprover)).toThrow(/publicIpv4 cannot be false/);
    expect(() => machineOf({ ...caprover, publicIpv4: true })).not.toThrow();
  });

  it("lets sizes pass that only Terraform knows", () => {
    const props = { cpu: later("cpu"), memory: Size.gib(later("memory")) };
    expect(() => machineOf({ ...whole, ...props })).not.toThrow();
  });

  it("makes an image of every name in its table, with a command or a disk to boot from", () => {
    const images = Object.keys(applicationImages).map((name) => Image.application(name as ApplicationImage));
    expect(images.filter(({ entrypoint, bootsFromDisk }) => entrypoint === undefined && !bootsFromDisk)).toEqual([]);
    expect(images.filter(({ flist }) => !/^https:\/\/hub\.grid\.tf\/[\w.-]+\/[\w.-]+\.flist$/.test(flist))).toEqual([]);
  });

  it("says which name was meant", () => {
    expect(() => Image.application("wordpres" as never)).toThrow(/write wordpress/);
  });
});

describe("an image of one's own", () => {
  const flist = "https://hub.grid.tf/me.3bot/app.flist";

  it("is held to its checksum", () => {
    const md5 = "0123456789abcdef0123456789abcdef";
    expect(
      Testing.synth(machineOf({ image: Image.flist(flist, { md5 }) }).resource.cdktfStack),
    ).toHaveResourceWithProperties(virtualMachine.VirtualMachine, { flist_md5: md5 });
    expect(() => Image.flist(flist, { md5: "ABC" })).toThrow(/md5 cannot be "ABC"[\s\S]*32 hex digits/);
  });

  it("has no relative command", () => {
    expect(() => machineOf({ image: Image.flist(flist, { entrypoint: "bin/app" }) })).toThrow(
      /entrypoint cannot be "bin\/app"/,
    );
  });

  it("boots from a first disk that is big enough, where that is known", () => {
    const disk = (gib: number) => [{ size: Size.gib(gib), mountPoint: "/boot-disk" }];
    const image = Image.official("ubuntu-22.04-full");
    expect(() => machineOf({ image, disks: disk(10) })).toThrow(/disks\[0\]\.size cannot be "10 GiB"[\s\S]*15 GiB/);
    expect(() => machineOf({ image, disks: disk(25) })).not.toThrow();
    expect(() => machineOf({ image: Image.flist(flist, { bootsFromDisk: true }), disks: disk(1) })).not.toThrow();
  });
});
