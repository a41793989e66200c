/**
 * Workloads in the grid's own JSON, as a configuration writes them: `[{"name", "type", "data", "metadata"?, "description"?}]`.
 * Versions and results are none of its business.
 */
import { createHash } from "node:crypto";
import { GridError } from "../../core/errors";
import { isRecord } from "../../core/is-record";
import { type Capacity, sumCapacity } from "../capacity";
import { parseWorkload } from "../deployment";
import { nameProblem } from "../workloads/parts/workload-name";
import { isWorkloadType, workloadCapacity, workloadModels, workloadProblem } from "../workloads/registry";
import type { AnyWorkload } from "../workloads/workload";
import { badWorkloads } from "./raw-error";
import { bareSecrets, type PlacedReference, type ResolveSecret, referencesIn, withSecrets } from "./raw-secret";
import { unknownFields } from "./unknown-fields";

/** Everything that is wrong with a text, each with its place; empty when nodes would take it. */
export function checkRawWorkloads(text: string): readonly GridError[] {
  const list = listIn(text);
  if (list instanceof GridError) return [list];
  const problems = list.flatMap((item, index) => entryProblems(item, `workloads[${index}]`));
  return problems.length > 0 ? problems : structureProblems(read(list, standIn));
}

/**
 * Reads a text that has been checked, with its secrets.
 *
 * @throws {GridError} TFG_BAD_WORKLOADS naming the place
 */
export function readRawWorkloads(text: string, resolve: ResolveSecret): readonly AnyWorkload[] {
  const list = listIn(text);
  if (list instanceof GridError) throw list;
  const [first] = list.flatMap((item, index) => entryProblems(item, `workloads[${index}]`));
  if (first) throw first;
  return read(list, resolve);
}

/** References to secrets in a text; none in one that is no list. */
export function rawReferences(text: string): readonly PlacedReference[] {
  const list = listIn(text);
  return list instanceof GridError ? [] : list.flatMap((item, index) => referencesIn(item, `workloads[${index}]`));
}

/**
 * What a text says, in one comparable form: blanks, the order of keys and workloads, spellings of addresses and values
 * that are the grid's defaults anyway do not count. Undefined for a text that is no list of workloads.
 */
export function rawContent(text: string): string | undefined {
  if (checkRawWorkloads(text).length > 0) return undefined;
  const workloads = readRawWorkloads(text, standIn).map(({ version: _, result: __, ...said }) => said);
  return JSON.stringify(workloads.sort((a, b) => (a.name < b.name ? -1 : 1)).map(sorted));
}

/** What the workloads of a checked text need of their node. */
export function rawCapacity(text: string): Capacity {
  return sumCapacity(readRawWorkloads(text, standIn).map((workload) => workloadCapacity(workload)));
}

/** The workloads of a node as such a text, in order of their names. */
export function writeRawWorkloads(workloads: readonly AnyWorkload[]): string {
  const said = workloads.map(({ name, type, data, metadata, description }) => ({
    name,
    type,
    data,
    ...(metadata === "" ? {} : { metadata }),
    ...(description === "" ? {} : { description }),
  }));
  return JSON.stringify(said.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

/** Stands for a secret where its value does not matter: hexadecimal, so that it passes for a key as well as for a text. */
const standIn: ResolveSecret = (_label, reference) => createHash("sha256").update(reference).digest("hex");

function read(list: readonly unknown[], resolve: ResolveSecret): AnyWorkload[] {
  return list.map((item, index) => readEntry(item, `workloads[${index}]`, resolve));
}

function readEntry(item: unknown, place: string, resolve: ResolveSecret): AnyWorkload {
  const name = isRecord(item) ? String(item.name) : place;
  return parseWorkload(withSecrets(item, name, resolve), place);
}

function listIn(text: string): readonly unknown[] | GridError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return noJson(error);
  }
  const remedy = "write a list of workloads; jsonencode([...]) does it.";
  if (!Array.isArray(value)) return badWorkloads({ place: "workloads", problem: "is no list", remedy });
  if (value.length === 0) return badWorkloads({ place: "workloads", problem: "is an empty list", remedy });
  return value;
}

const FIELDS: readonly string[] = ["name", "type", "data", "metadata", "description"];

/** What is wrong with one workload by itself. */
function entryProblems(item: unknown, place: string): readonly GridError[] {
  const remedy = 'write {"name": …, "type": …, "data": {…}}.';
  if (!isRecord(item)) return [badWorkloads({ place, problem: "is no object", remedy })];
  const strange = Object.keys(item).filter((field) => !FIELDS.includes(field));
  const frame = [...strange.map((field) => strangeField(place, field)), ...frameProblems(item, place)];
  return frame.length > 0 ? frame : dataProblems(item, place);
}

function frameProblems({ name, type }: Readonly<Record<string, unknown>>, place: string): readonly GridError[] {
  const problems: GridError[] = [];
  const badName = typeof name === "string" ? nameProblem(name) : "is missing";
  if (badName !== undefined) {
    const allowed = "1 to 36 letters, digits and _";
    const remedy = "name the workload; the name is unique in its deployment.";
    problems.push(badWorkloads({ place: `${place}.name`, problem: `cannot be used: ${badName}`, allowed, remedy }));
  }
  if (type === "gateway-name-proxy") problems.push(needsNameContract(`${place}.type`));
  if (typeof type !== "string" || !isWorkloadType(type)) problems.push(unknownType(`${place}.type`, type));
  return problems;
}

function dataProblems(item: Readonly<Record<string, unknown>>, place: string): readonly GridError[] {
  const bare = bareSecrets(item.data, `${place}.data`);
  if (bare.length > 0) return bare;
  try {
    const workload = readEntry(item, place, standIn);
    return unknownFields(item.data, workload.data, `${place}.data`);
  } catch (error) {
    if (!(error instanceof GridError)) throw error;
    const [where = place, ...problem] = error.summary.split(" ");
    return [badWorkloads({ place: where, problem: problem.join(" "), remedy: error.remedy })];
  }
}

/** What is wrong with the workloads together. */
function structureProblems(workloads: readonly AnyWorkload[]): readonly GridError[] {
  const seen = new Map<string, number>();
  return workloads.flatMap((workload, index) => {
    const place = `workloads[${index}]`;
    const twin = seen.get(workload.name);
    seen.set(workload.name, index);
    if (twin !== undefined) {
      const remedy = "give one of them another name.";
      return [badWorkloads({ place: `${place}.name`, problem: `is also the name of workloads[${twin}]`, remedy })];
    }
    const said = workloadProblem(workload, workloads);
    const remedy = "change what is objected to.";
    return said === undefined ? [] : [badWorkloads({ place, problem: `would be refused: ${said}`, remedy })];
  });
}

function strangeField(place: string, field: string): GridError {
  const at = `${place}.${field}`;
  if (field === "version") {
    const remedy = "leave it out: versions are counted here, one up with every change, as nodes demand.";
    return badWorkloads({ place: at, problem: "cannot be given", remedy });
  }
  if (field === "result") {
    return badWorkloads({ place: at, problem: "cannot be given", remedy: "leave it out: it is the node's answer." });
  }
  return badWorkloads({ place: at, problem: "is not known", allowed: FIELDS.join(", "), remedy: "leave it out." });
}

function unknownType(place: string, given: unknown): GridError {
  const problem = typeof given === "string" ? `cannot be ${JSON.stringify(given.slice(0, 60))}` : "is missing";
  const allowed = Object.keys(workloadModels).filter((type) => type !== "gateway-name-proxy");
  return badWorkloads({ place, problem, allowed: allowed.join(", "), remedy: "use one of the types that nodes know." });
}

function needsNameContract(place: string): GridError {
  return badWorkloads({
    place,
    problem: "cannot be gateway-name-proxy: such a gateway needs a name contract, which a deployment does not make",
    remedy: "use threefold_gateway_name, which makes both, or gateway-fqdn-proxy with a domain of your own.",
  });
}

/** The parser quotes the text, which may hold secrets: only the position is said. */
function noJson(error: unknown): GridError {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  const where = position === undefined ? "" : ` (character ${Number(position) + 1})`;
  const remedy = "write it with jsonencode, or correct the text.";
  return badWorkloads({ place: "workloads", problem: `is no JSON${where}`, remedy });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}
