/**
 * States as each schema version of each resource wrote them, in `test/states`. What differs from grid to grid, such as the
 * token of a stamp, is a placeholder there, filled in from a state that the present version wrote of the same stack.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PrivateData, Resource } from "../../../lib/provider/resource";
import type { ObjectValue } from "../../../lib/provider/schema/value";
import { readPrivate, writePrivate } from "../../../lib/provider/server/calls/private-data";
import type { StoredObject } from "../rpc-driver";
import type { Instance, State } from "../simulation/state-store";
import { outlineOf, type SchemaOutline } from "./schema-outline";

/** What a version of a resource stores. */
export interface StoredStates {
  /** Of the schema that wrote it. */
  readonly schema: SchemaOutline;
  /** Objects of the stack of {@link EVERYTHING}, by name. */
  readonly objects: Readonly<Record<string, Document>>;
}

/** One object of a state file. */
interface Document {
  readonly state: Json;
  readonly private: Json;
}

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/** Attributes whose values come from chance, keys or the chain. */
const VOLATILE =
  /^(id|project\.id|private\.(genesis|network))$|(^|\.)(stamp|(deployment|content)_hash|key_check|public_key|listen_port)$/;

const DIRECTORY = join(__dirname, "../../states");

/** Where the states of a version are kept. */
export function pathOf(typeName: string, version: number): string {
  return join(DIRECTORY, `v${version}`, `${typeName}.json`);
}

/** What a version stored; undefined when nobody kept it. */
export function readStored(typeName: string, version: number): StoredStates | undefined {
  const path = pathOf(typeName, version);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as StoredStates) : undefined;
}

/** Keeps what the present version of a resource stores. */
export function writeStored({ typeName, schema }: Resource, state: State): void {
  const objects = [...state].flatMap(([address, { type, object }]) =>
    type === typeName ? [[address.slice(typeName.length + 1), documentOf(object)] as const] : [],
  );
  const stored: StoredStates = { schema: outlineOf(schema.attributes), objects: Object.fromEntries(objects) };
  const path = pathOf(typeName, schema.version);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `${JSON.stringify(stored, null, 2)}\n`);
}

/** An object as an earlier version would have left it of what stands. */
export function asStored(stored: Document, present: Instance, version: number): Instance {
  const now = documentOf(present.object, (_, value) => value);
  const fill = (value: Json): Json => mapLeaves(value, [], (leaf) => filled(leaf, now));
  const object = {
    state: fill(stored.state) as ObjectValue,
    private: writePrivate(fill(stored.private) as PrivateData),
    version,
  };
  return { ...present, object };
}

type Keep = (path: string, value: Json) => Json;

const placeholder: Keep = (path) => `{${path}}`;

function documentOf(object: StoredObject, keep: Keep = placeholder): Document {
  const plain = (value: unknown, path: readonly string[]): Json =>
    mapLeaves(JSON.parse(JSON.stringify(value)) as Json, path, (leaf, at) => {
      const name = at.join(".");
      return leaf !== null && VOLATILE.test(name) ? keep(name, leaf) : leaf;
    });
  return { state: plain(object.state, []), private: plain(readPrivate(object.private), ["private"]) };
}

/** The value that stands for a placeholder now; everything else is itself. */
function filled(leaf: Json, now: Document): Json {
  const path = typeof leaf === "string" ? /^\{([\w.]+)\}$/.exec(leaf)?.[1] : undefined;
  if (path === undefined) return leaf;
  const names = path.split(".");
  const [root, rest] = names[0] === "private" ? [now.private, names.slice(1)] : [now.state, names];
  const value = rest.reduce<Json>((inner, name) => ((inner ?? {}) as Record<string, Json>)[name] ?? null, root);
  if (value === null) throw new Error(`nothing is at ${path} any more: say here where the grid has that now`);
  return value;
}

function mapLeaves(value: Json, path: readonly string[], map: (leaf: Json, path: readonly string[]) => Json): Json {
  if (typeof value !== "object" || value === null) return map(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapLeaves(item, [...path, String(index)], map));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapLeaves(item, [...path, name], map)]));
}
