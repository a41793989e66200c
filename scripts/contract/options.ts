import { parseArgs } from "node:util";

/** Parts of the suite, in the order in which they run. */
export const PARTS = ["chain", "relay", "directory"] as const;

/** One service, and the part of the suite that is about it. */
export type Part = (typeof PARTS)[number];

/** What the command line asks for. */
export interface ContractOptions {
  /** Addresses of the services that were named; none means a devgrid. */
  readonly urls: Readonly<Partial<Record<Part, string>>>;
  /** Who lends the money, when it was said. */
  readonly mnemonic: string | undefined;
  readonly wantsHelp: boolean;
}

/** Text of `--help`. */
export const HELP = `Runs the contract suite: what this package relies on the grid's services for.

  npm run contract -- [options]

  --chain URL         websocket address of a chain node: ws://… or wss://…
  --relay URL         websocket address of a relay: ws://… or wss://…; needs --chain, where its twins are
  --directory URL     base address of a directory: http://… or https://…; with --chain the two are compared
  --mnemonic PHRASE   account that lends the money: a mnemonic, 64 hex digits or a development account
                      such as //Alice; at least 100 TFT. Default: $MNEMONIC, else //Alice
  --help              this text

Without any address every part runs against devgrid, the grid in one process. With addresses the parts named run,
and what they cannot do is skipped, with the reason in its title. The suite makes its own accounts, farm and nodes,
and takes away again what can be taken away; twins and the farm stay, and are used again by the next run.

Examples

  npm run contract
  npm run contract -- --chain ws://127.0.0.1:9944 --mnemonic //Alice
  npm run contract -- --chain ws://127.0.0.1:9944 --relay ws://127.0.0.1:9102 --directory http://127.0.0.1:8080
  npm run contract -- --directory https://gridproxy.dev.grid.tf

The last line is "N passed, N failed". Exit status: 0 all passed, 1 some failed, 2 the suite could not run.`;

const SCHEMES: Readonly<Record<Part, RegExp>> = {
  chain: /^wss?:$/,
  relay: /^wss?:$/,
  directory: /^https?:$/,
};

/** Reads the command line. @throws {Error} that says what is wrong with it */
export function readOptions(args: readonly string[]): ContractOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { chain: text, relay: text, directory: text, mnemonic: text, help: { type: "boolean" } },
  });
  const { mnemonic, help: wantsHelp = false, ...urls } = values;
  urls.directory = urls.directory?.replace(/\/+$/, "");
  for (const part of PARTS) checkUrl(part, urls[part]);
  if (urls.relay !== undefined && urls.chain === undefined) {
    throw new Error("--relay needs --chain as well: the twins that talk over the relay are made on its chain");
  }
  return { urls, mnemonic, wantsHelp };
}

function checkUrl(part: Part, url: string | undefined): void {
  if (url === undefined || (URL.canParse(url) && SCHEMES[part].test(new URL(url).protocol))) return;
  throw new Error(`--${part} takes ${part === "directory" ? "http://… or https://…" : "ws://… or wss://…"}`);
}
