import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** An object in the state. */
export interface StateResource {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly tainted: boolean;
  readonly values: Record<string, unknown>;
}

/** What a state holds in its root module. */
export interface TerraformState {
  readonly resources: readonly StateResource[];
  /** Output values by name. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Reads the state of a working directory from the file that the local backend keeps: asking `terraform show` starts Terraform
 * and the provider for the same text. Without a file, or one that holds nothing, the state is empty. Deposed objects are left out.
 *
 * @throws {Error} when the directory keeps its state elsewhere
 */
export function readState(dir: string): TerraformState {
  const path = statePathOf(dir);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (text === "") return { resources: [], outputs: {} };
  const { resources, outputs } = JSON.parse(text) as StateFile;
  return {
    resources: resources.filter(({ module }) => module === undefined).flatMap(instancesOf),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])),
  };
}

/** Whether Terraform has ended between emptying the file of its state and writing it anew: all that it knew is lost. */
export function isStateEmptied(dir: string): boolean {
  const path = statePathOf(dir);
  return existsSync(path) && statSync(path).size === 0;
}

/** `terraform.tfstate`, unless `terraform init` wrote down another path. */
function statePathOf(dir: string): string {
  const written = join(dir, ".terraform", "terraform.tfstate");
  if (!existsSync(written)) return join(dir, "terraform.tfstate");
  const { backend } = JSON.parse(readFileSync(written, "utf8")) as BackendFile;
  if (backend && backend.type !== "local") throw new Error(`the state is kept by a backend of type ${backend.type}`);
  return resolve(dir, backend?.config.path ?? "terraform.tfstate");
}

function instancesOf({ mode, type, name, instances }: StateFile["resources"][number]): StateResource[] {
  const address = `${mode === "data" ? "data." : ""}${type}.${name}`;
  return instances
    .filter(({ deposed }) => deposed === undefined)
    .map(({ index_key: key, status, attributes }) => ({
      address: key === undefined ? address : `${address}[${JSON.stringify(key)}]`,
      mode,
      type,
      tainted: status === "tainted",
      values: attributes,
    }));
}

interface BackendFile {
  readonly backend?: { readonly type: string; readonly config: { readonly path?: string | null } };
}

interface StateFile {
  readonly resources: readonly {
    readonly module?: string;
    readonly mode: "managed" | "data";
    readonly type: string;
    readonly name: string;
    readonly instances: readonly {
      readonly index_key?: string | number;
      readonly status?: string;
      readonly deposed?: string;
      readonly attributes: Record<string, unknown>;
    }[];
  }[];
  readonly outputs: Readonly<Record<string, { readonly value: unknown }>>;
}
