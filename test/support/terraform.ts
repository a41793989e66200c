/**
 * Runs the real Terraform in a directory of its own, shut off from the user's configuration, against a provider served
 * inside the jest process (reattach) or a packaged one.
 *
 * @example
 * const project = await TerraformProject.attached(definition);
 * project.write({ resource: { lab_thing: { a: { name: "x" } } } });
 * await project.apply();
 * expect(await project.attributes("lab_thing.a")).toMatchObject({ name: "x" });
 * await project.remove();
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../lib/core/log";
import { PROVIDER_SOURCE } from "../../lib/core/provider-source";
import type { ProviderDefinition } from "../../lib/provider/resource";
import { type PluginServer, startPluginServer } from "../../lib/provider/server/plugin-server";
import { reattachProviders } from "../../lib/provider/server/serve";
import { readState, type StateResource } from "./terraform-state";

/** Serves a provider in this process. `reattach` is the value of TF_REATTACH_PROVIDERS. */
export async function serveForTests(
  definition: ProviderDefinition,
  source = PROVIDER_SOURCE,
): Promise<PluginServer & { readonly reattach: string }> {
  const server = await startPluginServer({ definition, log: silentLog });
  return { ...server, reattach: reattachProviders(server, source) };
}

/** A message of Terraform to its user. */
export interface TerraformDiagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
  /** The line of configuration that is blamed, when one is. */
  readonly snippet?: { readonly code: string; readonly context: string | null };
}

/** What a command did. */
export interface TerraformResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of commands with -json; empty for others. */
  readonly diagnostics: readonly TerraformDiagnostic[];
}

/** A planned change of one resource. */
export interface PlannedChange {
  readonly address: string;
  readonly actions: readonly string[];
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  /** `true` in place of every value that is not known yet. */
  readonly afterUnknown: Record<string, unknown>;
  /** Paths that force a replacement. */
  readonly replacePaths: readonly (readonly (string | number)[])[];
}

/** A plan: what would change, and what was said about it. */
export interface Plan {
  /** Without resources that stay as they are. */
  readonly changes: readonly PlannedChange[];
  readonly diagnostics: readonly TerraformDiagnostic[];
}

/** A command on its way. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly done: Promise<TerraformResult>;
  /** Sends a signal to the whole process group, as a terminal does. */
  signal(name: NodeJS.Signals): void;
}

/** How a project is set up. */
export interface TerraformProjectOptions {
  /** Added to the otherwise bare environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Local provider name and its address. @default `{ threefold: PROVIDER_SOURCE }` */
  readonly providers?: Readonly<Record<string, { readonly source: string; readonly version?: string }>>;
}

const commandDeadlineMs = 120_000;

const jsonCommands = new Set(["plan", "apply", "destroy", "refresh"]);

/** A working directory of Terraform. */
export class TerraformProject {
  /** The working directory; configuration, state and `.terraform` live here. */
  readonly dir = mkdtempSync(join(tmpdir(), "tf-test-"));
  /** Environment of every command; add to it freely. */
  readonly env: Record<string, string>;
  readonly #providers: NonNullable<TerraformProjectOptions["providers"]>;
  #onRemove: () => Promise<void> = async () => undefined;

  constructor({ env, providers }: TerraformProjectOptions = {}) {
    this.#providers = providers ?? { threefold: { source: PROVIDER_SOURCE } };
    mkdirSync(join(this.dir, ".home"));
    writeFileSync(join(this.dir, ".home", "cli.tfrc"), "");
    this.env = {
      PATH: process.env.PATH ?? "",
      HOME: join(this.dir, ".home"),
      TMPDIR: tmpdir(),
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      // A command is over before garbage matters.
      GOGC: "off",
      TF_CLI_CONFIG_FILE: join(this.dir, ".home", "cli.tfrc"),
      ...env,
    };
  }

  /** A project whose provider runs in this process; initialised already. */
  static async attached(
    definition: ProviderDefinition,
    options: TerraformProjectOptions = {},
  ): Promise<TerraformProject> {
    const project = new TerraformProject(options);
    await project.attach(definition);
    project.write({});
    await project.init();
    return project;
  }

  /** From here on the provider runs in this process, which saves each command from starting it several times. */
  async attach(definition: ProviderDefinition): Promise<void> {
    const [{ source } = { source: PROVIDER_SOURCE }] = Object.values(this.#providers);
    const server = await serveForTests(definition, source);
    this.env.TF_REATTACH_PROVIDERS = server.reattach;
    this.#onRemove = () => server.close();
  }

  /** Replaces the configuration: an object becomes JSON with `required_providers` added, a string is HCL as it stands. */
  write(config: Readonly<Record<string, unknown>> | string): void {
    rmSync(join(this.dir, "main.tf"), { force: true });
    rmSync(join(this.dir, "main.tf.json"), { force: true });
    if (typeof config === "string") {
      writeFileSync(join(this.dir, "main.tf"), config);
      return;
    }
    const terraform = { required_providers: this.#providers, ...(config.terraform as object | undefined) };
    writeFileSync(join(this.dir, "main.tf.json"), JSON.stringify({ ...config, terraform }, null, 2));
  }

  /** Starts a command and does not wait. `env` is added for this command alone. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
    const child = spawn("terraform", args, {
      cwd: this.dir,
      env: { ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const signal = (name: NodeJS.Signals) => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name);
    };
    return { child, done: resultOf(child, () => signal("SIGKILL")), signal };
  }

  /** Runs a command to its end, whatever that is. */
  async run(...args: readonly string[]): Promise<TerraformResult> {
    return this.start(withFlags(args)).done;
  }

  /** Runs a command that has to succeed. @throws {Error} with what Terraform said */
  async succeed(...args: readonly string[]): Promise<TerraformResult> {
    const result = await this.run(...args);
    if (result.code !== 0) throw new Error(`terraform ${args.join(" ")} failed:\n${textOf(result)}`);
    return result;
  }

  /** Runs a command that has to fail. @throws {Error} when it succeeds */
  async fail(...args: readonly string[]): Promise<TerraformResult> {
    const result = await this.run(...args);
    if (result.code === 0) throw new Error(`terraform ${args.join(" ")} was expected to fail:\n${textOf(result)}`);
    return result;
  }

  /** `terraform init`. */
  init(...args: readonly string[]): Promise<TerraformResult> {
    return this.succeed("init", "-no-color", ...args);
  }

  /** `terraform apply` without a question. */
  apply(...args: readonly string[]): Promise<TerraformResult> {
    return this.succeed("apply", ...args);
  }

  /** `terraform destroy` without a question. */
  destroy(...args: readonly string[]): Promise<TerraformResult> {
    return this.succeed("destroy", ...args);
  }

  /** `terraform plan`, read back. The plan is kept as `saved.tfplan`: `apply("saved.tfplan")` carries it out. */
  async plan(...args: readonly string[]): Promise<Plan> {
    const { diagnostics, stdout } = await this.succeed("plan", "-out=saved.tfplan", ...args);
    // Each change is announced; the plan itself has to be read for what is in them.
    if (!stdout.includes('"type":"planned_change"')) return { changes: [], diagnostics };
    const shown = await this.#json<{ resource_changes?: RawChange[] }>("show", "-json", "saved.tfplan");
    const changes = (shown.resource_changes ?? []).map(changeOf).filter(isChange);
    return { changes, diagnostics };
  }

  /** Attributes of an object in the state; undefined when it is not there. */
  async attributes(address: string): Promise<Record<string, unknown> | undefined> {
    const resource = (await this.resources()).find((candidate) => candidate.address === address);
    return resource?.values;
  }

  /** Everything in the root module of the state. */
  async resources(): Promise<readonly StateResource[]> {
    return readState(this.dir).resources;
  }

  /** Output values by name. */
  async outputs(): Promise<Record<string, unknown>> {
    return readState(this.dir).outputs;
  }

  /** Forgets the state, so that the next test starts from nothing. */
  reset(): void {
    for (const name of ["terraform.tfstate", "terraform.tfstate.backup"]) rmSync(join(this.dir, name), { force: true });
  }

  /** Ends an attached provider and deletes the directory. */
  async remove(): Promise<void> {
    await this.#onRemove();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #json<T>(...args: readonly string[]): Promise<T> {
    const { stdout } = await this.succeed(...args);
    return JSON.parse(stdout) as T;
  }
}

interface RawChange {
  readonly address: string;
  readonly change: {
    readonly actions: string[];
    readonly before: Record<string, unknown> | null;
    readonly after: Record<string, unknown> | null;
    readonly after_unknown: Record<string, unknown>;
    readonly replace_paths?: (string | number)[][];
    readonly importing?: unknown;
  };
}

function changeOf({ address, change }: RawChange): PlannedChange {
  return {
    address,
    actions: change.actions,
    before: change.before,
    after: change.after,
    afterUnknown: change.after_unknown,
    replacePaths: change.replace_paths ?? [],
  };
}

function isChange(change: PlannedChange): boolean {
  return change.actions.join() !== "no-op";
}

function withFlags(args: readonly string[]): readonly string[] {
  const [command = "", ...rest] = args;
  if (!jsonCommands.has(command)) return args;
  const approve = command === "apply" || command === "destroy" ? ["-auto-approve"] : [];
  return [command, "-json", ...approve, ...rest];
}

function resultOf(child: ChildProcess, kill: () => void): Promise<TerraformResult> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const timer = setTimeout(kill, commandDeadlineMs);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, ...output, diagnostics: diagnosticsIn(output.stdout) });
    });
  });
}

/** Diagnostics among the JSON lines of a `-json` command. */
function diagnosticsIn(stdout: string): TerraformDiagnostic[] {
  const found: TerraformDiagnostic[] = [];
  for (const line of stdout.split("\n")) {
    if (!line.startsWith('{"@')) continue;
    const parsed = JSON.parse(line) as { diagnostic?: TerraformDiagnostic };
    if (parsed.diagnostic) found.push(parsed.diagnostic);
  }
  return found;
}

function textOf({ stdout, stderr, diagnostics }: TerraformResult): string {
  const said = diagnostics.map((d) => `${d.severity}: ${d.summary}\n${d.detail}`).join("\n");
  return said || `${stdout}\n${stderr}`;
}
