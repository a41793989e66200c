import { parseArgs } from "node:util";
import { messageOf } from "../core/errors";
import { UsageError } from "./command";

/** Services whose port can be fixed. */
export const SERVICES = ["chain", "relay", "directory", "graphql", "kyc", "dns", "control"] as const;

/** Name of a devgrid service. */
export type Service = (typeof SERVICES)[number];

/** What `threefold devgrid` was asked. */
export interface DevgridOptions {
  /** One line of JSON instead of a table. */
  readonly isJson: boolean;
  /** Undefined: in memory only. */
  readonly stateFile: string | undefined;
  /** Milliseconds between blocks, or a block as soon as there is something to put in it. */
  readonly blockMs: number | "instant";
  /** Fixed ports; services that are left out take any free one. */
  readonly ports: Partial<Record<Service, number>>;
  /** Undefined: runs until it is stopped. */
  readonly idleExitMs: number | undefined;
}

/** Seconds of the real chain. */
const DEFAULT_BLOCK_SEC = 6;

/** Reads the options of `threefold devgrid`. @throws {UsageError} naming the option and what it allows */
export function parseDevgridOptions(args: readonly string[]): DevgridOptions {
  const values = parse(args);
  const ports: Partial<Record<Service, number>> = {};
  for (const service of SERVICES) {
    const port = numberOption(`${service}-port`, values[`${service}-port`], { least: 0, most: 65_535, whole: true });
    if (port !== undefined) ports[service] = port;
  }
  if (values.state === "") throw new UsageError('--state is ""; allowed: the path of a file.');
  const idleMinutes = numberOption("idle-exit", values["idle-exit"], { least: 0.01, most: 525_600 });
  return {
    isJson: values.json === true,
    stateFile: typeof values.state === "string" ? values.state : undefined,
    blockMs: blockMs(values["block-time"]),
    ports,
    idleExitMs: idleMinutes === undefined ? undefined : idleMinutes * 60_000,
  };
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parse(args: readonly string[]): Values {
  const text = { type: "string" } as const;
  const ports = Object.fromEntries(SERVICES.map((service) => [`${service}-port`, text]));
  try {
    const options = {
      json: { type: "boolean" } as const,
      state: text,
      "block-time": text,
      "idle-exit": text,
      ...ports,
    };
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as Values;
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function blockMs(value: Values[string]): number | "instant" {
  if (value === "instant") return value;
  const seconds = numberOption("block-time", value, { least: 0.05, most: 3600, or: "instant" }) ?? DEFAULT_BLOCK_SEC;
  return Math.round(seconds * 1000);
}

function numberOption(
  name: string,
  value: Values[string],
  allowed: { readonly least: number; readonly most: number; readonly whole?: boolean; readonly or?: string },
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  const fits = value !== "" && number >= allowed.least && number <= allowed.most;
  if (fits && (!allowed.whole || Number.isInteger(number))) return number;
  const range = `${allowed.whole ? "a whole number" : "a number"} from ${allowed.least} to ${allowed.most}`;
  throw new UsageError(`--${name} is "${value}"; allowed: ${range}${allowed.or ? `, or "${allowed.or}"` : ""}.`);
}
