/**
 * What kind of value each property takes. The compiler checks it for most people; programs that run without type checking
 * and variables that are not set get here.
 */
import { Token } from "cdktf";
import type { AttributePath, GridError } from "../../core/errors";
import type { Backend } from "../backend";
import type { Secret } from "../secret";
import { badValue } from "./problems";

/** Checks one value, and what is in it. A value that Terraform will only know later passes. */
export type Kind = (value: unknown, attribute: AttributePath) => readonly GridError[];

/** Any text. */
export const text = leaf({
  allowed: "a text",
  fits: (value) => typeof value === "string",
  ifUnset: "give a text; is the environment variable set?",
});

/** Any number. */
export const number = leaf({ allowed: "a number", fits: (value) => typeof value === "number" });

/** `true` or `false`. */
export const flag = leaf({ allowed: "true or false", fits: (value) => typeof value === "boolean" });

/** A `Size`. */
export const size = leaf({
  allowed: "a Size",
  fits: (value) => has(value, "toMib", "function"),
  remedy: "write Size.gib(10) or Size.mib(512).",
});

/** A `Placement`. */
export const placement = leaf({
  allowed: "a Placement",
  fits: (value) => has(value, "rules", "object") && has(value, "and", "function"),
  remedy: 'write Placement.where({ country: "Belgium" }) or Placement.node(14).',
});

/** An `Image`, or the address of one. */
export const image = leaf({
  allowed: "an Image, or the address of an flist",
  fits: (value) => typeof value === "string" || has(value, "flist", "string"),
  remedy: "write Image.ubuntu() or Image.flist(url).",
});

/** A `NetworkMesh`. */
export const mesh = leaf({ allowed: "a NetworkMesh", fits: (value) => has(value, "addHost", "function") });

/** A `NetworkMesh` of this program, for what asks it for addresses in advance. */
export const ownMesh: Kind = (value, attribute) => {
  const misfits = mesh(value, attribute);
  if (misfits.length > 0 || has(value, "addMember", "function")) return misfits;
  const remedy = "make it in the stack that owns the mesh, or give it a NetworkMesh of this stack.";
  return [badValue({ attribute, what: "is a mesh of another stack", allowed: "a NetworkMesh", remedy })];
};

/** Where a gateway sends requests. */
export const backend = leaf({
  allowed: "a Backend, or an address as text",
  fits: (value) => typeof value === "string" || isBackend(value),
  remedy: 'write machine.http(8080) or "http://ip:port".',
});

/** A `Zdb`. */
export const store = leaf({ allowed: "a Zdb", fits: (value) => has(value, "connection", "function") });

/** A `QuantumStorage`. */
export const quantumStorage = leaf({
  allowed: "a QuantumStorage",
  fits: (value) => has(value, "mountedBy", "function"),
});

/** A `Secret`. What was given in its place may be one, and is not repeated. */
export const secret = leaf({
  allowed: "a Secret",
  fits: isSecret,
  remedy: "write Secret.fromEnv(name) or Secret.fromFile(path).",
  isQuiet: true,
});

/** Any text, or a `Secret` in its place. */
export const textOrSecret = leaf({
  allowed: "a text or a Secret",
  fits: (value) => typeof value === "string" || isSecret(value),
});

/** The value of a variable that everybody may see. */
export const plainVariable: Kind = (value, attribute) => {
  if (!isSecret(value)) return text(value, attribute);
  return [badValue({ attribute, what: "is a Secret", allowed: "plain text", remedy: "put a Secret into secretEnv." })];
};

/** An object, whatever is in it. */
export const object = leaf({ allowed: "an object", fits: isPlain, isQuiet: true });

/** One of a few texts. */
export function oneOf(...texts: readonly string[]): Kind {
  return leaf({ allowed: texts.join(" or "), fits: (value) => texts.some((each) => each === value) });
}

/** What may be left out. */
export function optional(kind: Kind): Kind {
  return (value, attribute) => (value === undefined ? [] : kind(value, attribute));
}

/** A list of one kind. */
export function listOf(kind: Kind): Kind {
  const itself = leaf({ allowed: "a list", fits: Array.isArray, remedy: "put it between [ and ].", isQuiet: true });
  return (value, attribute) =>
    Array.isArray(value) && !Token.isUnresolved(value)
      ? value.flatMap((item, index) => kind(item, [...attribute, index]))
      : itself(value, attribute);
}

/** Values of one kind, by names. */
export function mapOf(kind: Kind): Kind {
  return (value, attribute) =>
    isPlain(value)
      ? Object.entries(value).flatMap(([name, item]) => kind(item, [...attribute, name]))
      : object(value, attribute);
}

/** An object with a kind for each of its properties; further ones may be a subclass's own. */
export function record<Props>(kinds: { readonly [Name in keyof Required<Props>]: Kind }): Kind {
  return (value, attribute) =>
    isPlain(value)
      ? Object.entries<Kind>(kinds).flatMap(([name, kind]) => kind(value[name], [...attribute, name]))
      : object(value, attribute.length > 0 ? attribute : ["props"]);
}

interface LeafKind {
  readonly allowed: string;
  readonly fits: (value: unknown) => boolean;
  readonly remedy?: string;
  readonly ifUnset?: string;
  /** Whether texts are left out of the message. @default false */
  readonly isQuiet?: boolean;
}

function leaf({ allowed, fits, remedy, ifUnset, isQuiet }: LeafKind): Kind {
  return (value, attribute) => {
    if (Token.isUnresolved(value) || fits(value)) return [];
    if (value === undefined) return [badValue({ attribute, what: "is undefined", allowed, remedy: ifUnset ?? remedy })];
    return [badValue({ attribute, ...described(value, isQuiet), allowed, remedy })];
  };
}

function described(
  value: unknown,
  isQuiet = false,
): { readonly given?: string | number | boolean; readonly what?: string } {
  if (typeof value === "number" || typeof value === "boolean") return { given: value };
  if (typeof value === "string") return isQuiet ? { what: "is a text" } : { given: value };
  if (value === null) return { what: "is null" };
  return {
    what: Array.isArray(value) ? "is a list" : `is ${typeof value === "object" ? "an object" : `a ${typeof value}`}`,
  };
}

/** True for a `Secret`; JSON that only has a field of that name is none. */
export function isSecret(value: unknown): value is Secret {
  return has(value, "reference", "string") && has(value, "toJSON", "function");
}

/** True for what `http()` and `tcp()` of a machine give. */
export function isBackend(value: unknown): value is Backend {
  return has(value, "protocol", "string") && has(value, "text", "string");
}

/** Asked by shape, not by class: a package that was loaded twice has every class twice. */
function has(value: unknown, name: string, type: string): boolean {
  return isPlain(value) && typeof value[name] === type;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
