import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Programs the packet test needs, and the Debian package of each. */
const PROGRAMS = {
  ip: "iproute2",
  nft: "nftables",
  wg: "wireguard-tools",
  "wg-quick": "wireguard-tools",
  "wireguard-go": "wireguard-go",
};

/** Why packets cannot be sent through namespaces here; undefined when they can. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it takes root on Linux";
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  const missing = Object.entries(PROGRAMS).find(([program]) => !isInstalled(program));
  if (missing) return `${missing[0]} is not installed (Debian package ${missing[1]})`;
  const probe = new Namespaces("probe");
  try {
    probe.add("a", []);
    probe.run("a", ["nft", "add table inet probe"]);
    return undefined;
  } catch (error) {
    return `network namespaces are not permitted: ${String(error)}`;
  } finally {
    probe.close();
  }
}

/** Network namespaces of one test, all of them gone when it is closed, with every process in them. */
export class Namespaces {
  readonly #prefix: string;
  readonly #names: string[] = [];

  /** @param title tells the namespaces of one test from those of another in the same process */
  constructor(title: string) {
    this.#prefix = `${title}-${process.pid}`;
  }

  /** Makes one, with forwarding and its loopback device on, and runs `ip` with each of the lines in it. */
  add(name: string, lines: readonly string[]): void {
    execute(["ip", "netns", "add", this.#full(name)]);
    this.#names.push(name);
    this.run(name, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
    this.ip(name, ["link set lo up", ...lines]);
  }

  /** Runs `ip` with each of the lines in a namespace. `{name}` stands for the full name of another one. */
  ip(name: string, lines: readonly string[]): void {
    const text = lines.map((line) => line.replace(/\{(\w+)\}/g, (_, other: string) => this.#full(other))).join("\n");
    execute(["ip", "-netns", this.#full(name), "-batch", "-"], text);
  }

  /** Joins two namespaces by a cable. */
  connect(from: { readonly name: string; readonly device: string }, to: typeof from): void {
    this.ip(from.name, [
      `link add ${from.device} type veth peer name ${to.device} netns {${to.name}}`,
      `link set ${from.device} up`,
    ]);
    this.ip(to.name, [`link set ${to.device} up`]);
  }

  /** Runs a program in a namespace to its end. @throws {Error} with what it said when it fails */
  run(name: string, command: readonly string[], input?: string): void {
    execute(["ip", "netns", "exec", this.#full(name), ...command], input);
  }

  /** Starts a program in a namespace; it is killed with the namespace. */
  start(name: string, command: readonly string[]): ChildProcess {
    return spawn("ip", ["netns", "exec", this.#full(name), ...command], { stdio: ["pipe", "pipe", "inherit"] });
  }

  /** Ends everything that runs in the namespaces, and removes them. */
  close(): void {
    for (const name of this.#names.splice(0)) {
      const { stdout } = spawnSync("ip", ["netns", "pids", this.#full(name)], { encoding: "utf8" });
      for (const pid of stdout.split("\n").filter(Boolean)) spawnSync("kill", ["-KILL", pid]);
      execute(["ip", "netns", "del", this.#full(name)]);
    }
  }

  #full(name: string): string {
    return `${this.#prefix}-${name}`;
  }
}

function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

function execute([program = "", ...args]: readonly string[], input?: string): void {
  const { status, error, stderr, stdout } = spawnSync(program, args, { input, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr + stdout}`);
}
