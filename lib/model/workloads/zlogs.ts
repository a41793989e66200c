import { NO_CAPACITY } from "../capacity";
import { struct, text } from "../wire/reader";
import { parseUrl } from "../wire/url";
import { findWorkload } from "./parts/siblings";
import type { WorkloadModel } from "./workload";

/**
 * Streams the console of a machine of the same deployment to a URL. Full nodes only: light machines are refused.
 *
 * @source zosbase pkg/gridtypes/zos/zlogs.go
 */
export interface Zlogs {
  /** Name of the `zmachine` workload. */
  readonly zmachine: string;
  /** Where to: scheme `redis`, `ws` or `wss`. */
  readonly output: string;
}

/** The node has nothing to say about a running stream. */
export type ZlogsResult = Readonly<Record<string, never>>;

const SCHEMES = ["redis", "ws", "wss"];

/** Log streams as the node sees them. */
export const zlogs: WorkloadModel<"zlogs"> = {
  read: struct<Zlogs>({ zmachine: text, output: text }),
  readResult: struct<ZlogsResult>({}),
  validate: ({ zmachine, output }, siblings) => {
    if (findWorkload(siblings, zmachine)?.type !== "zmachine") return `no zmachine with name '${zmachine}' found`;
    const url = parseUrl(output);
    if ("problem" in url) return `invalid url supplied in output: ${url.problem}`;
    return SCHEMES.includes(url.scheme) ? undefined : `invalid output schema '${url.scheme}' not supported`;
  },
  capacity: () => NO_CAPACITY,
  challenge: ({ zmachine, output }) => `${zmachine}${output}`,
};
