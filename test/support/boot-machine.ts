/**
 * A stand-in for a machine of a cluster in which its boot script runs for real, under this system's own shell: absolute
 * paths lie under a temporary root, and what asks the network or the clock is played.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BOOT_SCRIPT } from "../../lib/constructs/kubernetes/boot-script";

/** What surrounds a machine while it boots. */
export interface BootSurroundings {
  /** Seconds after the start at which port 6443 of an address begins to answer. @default nobody ever answers */
  readonly answering?: Readonly<Record<string, number>>;
  /** As `ip -o addr` shows them. @default one, on eth0 */
  readonly addresses?: readonly string[];
  /** How often kubectl fails first. @default 0 */
  readonly kubectlFailures?: number;
  /** Whether ports are really knocked on. @default false: `answering` tells */
  readonly isReal?: boolean;
}

/** What a boot came to. */
export interface Boot {
  /** What the first process was started with, instead of the init system's own words. */
  readonly init: { readonly args: string; readonly env: Readonly<Record<string, string>> };
  /** Seconds it took, by the clock that is played. */
  readonly seconds: number;
  /** Arguments of every call of kubectl. */
  readonly kubectl: readonly string[];
  /** What it said. */
  readonly output: string;
}

const DEADLINE_MS = 60_000;

const STUBS: Readonly<Record<string, string>> = {
  date: 'cat "$STUBS/clock"',
  sleep: 'echo $(($(cat "$STUBS/clock") + $1)) > "$STUBS/clock"',
  ip: 'cat "$STUBS/addresses"',
  // timeout 3 bash -c "exec 3<>/dev/tcp/ADDRESS/PORT"
  timeout: `address=$(echo "$4" | sed 's|.*/dev/tcp/\\([^/]*\\)/6443$|\\1|')
since=$(sed -n "s/^$address //p" "$STUBS/answering")
if [ -n "$since" ] && [ "$(cat "$STUBS/clock")" -ge "$since" ]; then exit 0; fi
echo $(($(cat "$STUBS/clock") + 3)) > "$STUBS/clock"
exit 124`,
  kubectl: `echo "$*" >> "$STUBS/kubectl"
[ "$(wc -l < "$STUBS/kubectl")" -gt "$(cat "$STUBS/failures")" ]`,
};

/** Its data disk is kept from one boot to the next; its root filesystem is, until the machine is rebuilt. */
export class BootMachine {
  readonly #root = mkdtempSync(join(tmpdir(), "boot-"));

  constructor() {
    for (const [name, text] of Object.entries(STUBS)) this.#program(`bin/${name}`, text);
    this.#program("sbin/zinit", 'echo "$*" > "$STUBS/init-args"; env -0 > "$STUBS/init-env"');
  }

  /** Boots with the environment of a machine. */
  boot(env: Readonly<Record<string, string>>, surroundings: BootSurroundings = {}): Boot {
    const { answering = {}, addresses = ["10.20.2.2/24"], kubectlFailures = 0, isReal = false } = surroundings;
    if (isReal) rmSync(join(this.#root, "bin/timeout"), { force: true });
    const stubs = join(this.#root, "stubs");
    rmSync(stubs, { recursive: true, force: true });
    mkdirSync(stubs);
    const since = Object.entries(answering).map(([address, second]) => `${address} ${second}\n`);
    const shown = addresses.map(
      (cidr, index) => `${index + 2}: eth${index}    inet ${cidr} scope global eth${index}\n`,
    );
    writeFileSync(join(stubs, "answering"), since.join(""));
    writeFileSync(join(stubs, "addresses"), shown.join(""));
    writeFileSync(join(stubs, "failures"), `${kubectlFailures}\n`);
    writeFileSync(join(stubs, "clock"), "0\n");
    const output = execFileSync("sh", ["-c", 'eval "$CLUSTER_BOOT"'], {
      env: {
        PATH: `${join(this.#root, "bin")}:/usr/bin:/bin`,
        STUBS: stubs,
        ...env,
        K3S_DATA_DIR: join(this.#root, "mnt/data"),
        CLUSTER_BOOT: this.#moved(BOOT_SCRIPT),
      },
      encoding: "utf8",
      timeout: DEADLINE_MS,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const read = (name: string) => (existsSync(join(stubs, name)) ? readFileSync(join(stubs, name), "utf8") : "");
    const variables = read("init-env").split("\0").filter(Boolean);
    return {
      init: {
        args: read("init-args").trim(),
        env: Object.fromEntries(variables.map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)])),
      },
      seconds: Number(read("clock")),
      kubectl: read("kubectl").split("\n").filter(Boolean),
      output,
    };
  }

  /** Text of a file; undefined when there is none. */
  file(path: string): string | undefined {
    const whole = join(this.#root, path);
    return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
  }

  /** Puts a file there. */
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.#root, path)), { recursive: true });
    writeFileSync(join(this.#root, path), text);
  }

  /** Who may do what with a file, in octal. */
  mode(path: string): string {
    return (statSync(join(this.#root, path)).mode & 0o777).toString(8);
  }

  /** As after a change of environment: the root filesystem starts anew, the data disk stays. */
  rebuild(): void {
    rmSync(join(this.#root, "etc"), { recursive: true, force: true });
  }

  /** Deletes everything. */
  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #program(path: string, text: string): void {
    this.write(path, `#!/bin/sh\n${text}\n`);
    chmodSync(join(this.#root, path), 0o755);
  }

  #moved(script: string): string {
    return script.replace(/(?<![\w.])\/(etc|sbin)\//g, (path) => `${this.#root}${path}`);
  }
}
