import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { GridError, messageOf } from "../../core/errors";
import { isObjectValue, type ObjectValue, type Value } from "../../provider/schema/value";

/** An object in a state file. */
export interface StateObject {
  /** Full Terraform type. */
  readonly type: string;
  /** Its attributes, as its schema names them. */
  readonly attributes: ObjectValue;
  /** What the provider keeps beside it; empty when nothing is. */
  readonly private: Readonly<Record<string, unknown>>;
}

/** The Terraform state of one stack, and what its synthesised form says of the provider. */
export interface StackState {
  /** Name of the stack, or the path of the state file that was given. */
  readonly title: string;
  /** Managed objects; empty for a stack that was never deployed. */
  readonly objects: readonly StateObject[];
  /** The provider block. Empty when only the state file is known. */
  readonly provider: ObjectValue;
  /** Directory that relative paths of the provider block start from. */
  readonly folder: string;
}

/** Where the stacks of a CDKTF project are looked for. */
export interface ProjectOptions {
  /** Directory of cdktf.json. */
  readonly folder: string;
  /** The one stack that is meant. @default all */
  readonly stack: string | undefined;
  /** TERRAFORM_BINARY_NAME is honoured, as cdktf does. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the search. */
  readonly signal: AbortSignal;
}

const PULL_DEADLINE_MS = 120_000;
const LARGEST_STATE = 512 * 1024 * 1024;
const MOST_WORDS = 400;

/** Reads a state file. @throws {GridError} TFG_STATE_UNREADABLE */
export function readStateFile(path: string): StackState {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw unreadable(path, messageOf(cause));
  }
  return { title: path, objects: objectsIn(text, path), provider: {}, folder: dirname(resolve(path)) };
}

/**
 * Reads the states of a CDKTF project's stacks, wherever their backends keep them.
 *
 * @throws {GridError} TFG_NO_STACK when there is none, TFG_STATE_UNREADABLE when Terraform cannot get at one
 */
export async function readProjectStates(options: ProjectOptions): Promise<readonly StackState[]> {
  const outdir = outdirOf(options.folder);
  const names = stackNames(outdir);
  if (names.length === 0) throw noStack(outdir);
  const wanted = options.stack === undefined ? names : names.filter((name) => name === options.stack);
  if (wanted.length === 0) throw unknownStack(String(options.stack), names);
  return Promise.all(wanted.map((name) => readStack(name, join(outdir, "stacks", name), options)));
}

async function readStack(name: string, folder: string, options: ProjectOptions): Promise<StackState> {
  const path = join(folder, "cdk.tf.json");
  if (!existsSync(path)) throw stackGone(name, path);
  const config = parseObject(readFileSync(path, "utf8"));
  const local = at(config, "terraform", "backend", "local", "path");
  const [provider] = listOf(at(config, "provider", "threefold"));
  const text = typeof local === "string" ? readLocal(resolve(folder, local)) : await pull(folder, options);
  return { title: name, objects: objectsIn(text, name), provider: asObject(provider), folder };
}

/** A stack that was never deployed has no state file. */
function readLocal(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Asks Terraform, or OpenTofu when there is no Terraform, for the state of a remote backend. */
async function pull(folder: string, { env, signal }: ProjectOptions): Promise<string> {
  const candidates = env.TERRAFORM_BINARY_NAME ? [env.TERRAFORM_BINARY_NAME] : ["terraform", "tofu"];
  for (const binary of candidates) {
    const pulled = await run(binary, [`-chdir=${folder}`, "state", "pull"], { env, signal });
    if (pulled.isMissing) continue;
    if (pulled.failure === undefined) return pulled.stdout;
    const remedy = `see to it in ${folder} (${binary} init?) and run this again, or name a state file with --state FILE.`;
    throw unreadable(folder, pulled.failure, remedy);
  }
  throw unreadable(folder, `none of these is on the PATH: ${candidates.join(", ")}`);
}

interface Pulled {
  readonly isMissing: boolean;
  readonly stdout: string;
  readonly failure: string | undefined;
}

function run(
  binary: string,
  args: readonly string[],
  { env, signal }: Pick<ProjectOptions, "env" | "signal">,
): Promise<Pulled> {
  const options = { env, signal, timeout: PULL_DEADLINE_MS, maxBuffer: LARGEST_STATE, encoding: "utf8" } as const;
  return new Promise((done) => {
    execFile(binary, [...args], options, (error, stdout, stderr) => {
      const isMissing = error !== null && error.code === "ENOENT";
      done({ isMissing, stdout, failure: error ? plain(stderr) || error.message : undefined });
    });
  });
}

/** How Terraform's words begin, without colours and frames, cut between two words. */
function plain(output: string): string {
  const text = stripVTControlCharacters(output)
    .replace(/[╷│╵\s]+/g, " ")
    .trim();
  return text.length > MOST_WORDS ? `${text.slice(0, MOST_WORDS).replace(/ \S*$/, "")} …` : text;
}

/** The directory cdktf synthesises into: `output` of cdktf.json, or its default. */
function outdirOf(folder: string): string {
  const path = join(folder, "cdktf.json");
  const output = existsSync(path) ? parseObject(readFileSync(path, "utf8")).output : undefined;
  return resolve(folder, typeof output === "string" ? output : "cdktf.out");
}

function stackNames(outdir: string): readonly string[] {
  const path = join(outdir, "manifest.json");
  return existsSync(path) ? Object.keys(asObject(parseObject(readFileSync(path, "utf8")).stacks)).sort() : [];
}

/** Managed objects of a state in format 4; an empty text is the state of nothing. */
function objectsIn(text: string, where: string): readonly StateObject[] {
  if (text.trim() === "") return [];
  const state = parseObject(text);
  if (state.version !== 4) throw unreadable(where, "it is not a Terraform state of format 4");
  return listOf(state.resources)
    .map(asObject)
    .filter(({ mode }) => mode === "managed")
    .flatMap((resource) =>
      listOf(resource.instances)
        .map(asObject)
        .map((instance) => ({
          type: String(resource.type),
          attributes: asObject(instance.attributes),
          private: privateOf(instance.private),
        })),
    );
}

function privateOf(bytes: Value | undefined): Readonly<Record<string, unknown>> {
  return typeof bytes === "string" ? parseObject(Buffer.from(bytes, "base64").toString("utf8")) : {};
}

/** A JSON object; an empty one for anything else, which the reader then finds without what it looks for. */
function parseObject(text: string): ObjectValue {
  try {
    return asObject(JSON.parse(text) as Value);
  } catch {
    return {};
  }
}

function asObject(value: Value | undefined): ObjectValue {
  return isObjectValue(value) ? value : {};
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

function at(value: Value, ...path: readonly string[]): Value {
  return path.reduce<Value>((inner, name) => asObject(inner)[name] ?? null, value);
}

function unreadable(where: string, reason: string, remedy?: string): GridError {
  return new GridError({
    code: "TFG_STATE_UNREADABLE",
    summary: "The Terraform state cannot be read.",
    facts: { state: where, reason },
    remedy:
      remedy ?? "run cdktf deploy first, or name a state file with --state FILE (`terraform state pull` writes one).",
  });
}

function stackGone(name: string, path: string): GridError {
  return new GridError({
    code: "TFG_NO_STACK",
    summary: `The stack "${name}" was synthesised here, but is gone.`,
    facts: { missing: path },
    remedy: "run cdktf synth, or name a state file with --state FILE.",
  });
}

function noStack(outdir: string): GridError {
  return new GridError({
    code: "TFG_NO_STACK",
    summary: "There is no synthesised stack here.",
    facts: { "looked in": outdir },
    remedy: "run this in the directory of cdktf.json after cdktf deploy, or name a state file with --state FILE.",
  });
}

function unknownStack(given: string, known: readonly string[]): GridError {
  return new GridError({
    code: "TFG_NO_STACK",
    summary: `There is no stack "${given}" here.`,
    facts: { given, stacks: known.join(", ") },
    remedy: "give the name of one of these stacks.",
  });
}
