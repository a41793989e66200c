import { parseArgs } from "node:util";
import { GridError, messageOf } from "../core/errors";
import type { Secret } from "../core/secret";
import { KeyDerivation } from "../model/key-derivation";
import { API_PORT } from "../model/kubernetes/machine-env";
import { readAccountSecret } from "../provider/account-secret";
import { Attributes } from "../provider/schema/attributes";
import { type Command, UsageError } from "./command";
import { mintAdmin } from "./kubeconfig/admin-certificate";
import { type FoundCluster, requireCluster } from "./kubeconfig/found-cluster";
import { kubeconfigText } from "./kubeconfig/kubeconfig-text";
import { serverUrl, urlOf } from "./kubeconfig/server-url";
import { stackAccount } from "./stack/stack-account";
import { readStates, STACK_OPTIONS, type StackOptions, stackOptions } from "./stack/stack-options";

const HELP = `Usage: threefold kubeconfig <cluster> [options]

Prints a kubeconfig with which a cluster can be administered. The certificate in it is made by this call and expires; the
cluster's authorities are derived from the account's secret, so nothing is fetched from the cluster, and nobody needs SSH.
Keep the file to yourself.

The cluster is looked up in the Terraform state of the CDKTF project in this directory. The account is the one the provider
uses: THREEFOLD_MNEMONIC or MNEMONIC, and THREEFOLD_KEY_SECRET if you set that. No network is asked.

Options:
  --expires TIME         how long it lets anybody in: 30m, 24h, 7d; 1 minute to 365 days (default: 24h)
  --server ADDRESS       where the API is: a host or an address, with or without a port (default: apiEndpoint of the
                         cluster, or a server's public, mycelium or private address, whichever comes first)
  --stack NAME           the stack that declares the cluster (default: the one that has it)
  --state FILE           read this state file instead
  --mnemonic-file FILE   the account's secret, as mnemonic_file of the provider block
  --key-type TYPE        sr25519 or ed25519, as key_type of the provider block
  --json                 one line of JSON: cluster, stack, server, expires, kubeconfig

Examples:
  threefold kubeconfig k8s > kubeconfig && kubectl --kubeconfig kubeconfig get nodes
  threefold kubeconfig k8s --server 10.20.2.2 --expires 8h`;

/** What was asked. */
interface KubeconfigOptions extends StackOptions {
  readonly cluster: string;
  readonly validMs: number;
  readonly server: string | undefined;
}

/** `threefold kubeconfig`: an administrator's way into a cluster. */
export const kubeconfigCommand: Command = {
  help: HELP,
  run: async (args, terminal) => {
    const options = parseOptions(args);
    const stacks = await readStates(options, terminal.stop);
    const cluster = requireCluster(stacks, options.cluster);
    const { keyRoot } = await readAccountSecret(await stackAccount(cluster.stack, cluster.origin.network, options));
    const access = mintAdmin(
      { keys: keysOf(cluster, keyRoot), cluster: cluster.identity, version: cluster.version },
      options.validMs,
    );
    const server = options.server === undefined ? await serverUrl(cluster) : urlOf(options.server, API_PORT);
    const kubeconfig = kubeconfigText(cluster.name, server, access).reveal();
    const facts = { cluster: cluster.name, stack: cluster.stack.title, server, expires: access.expires.toISOString() };
    terminal.out(options.isJson ? `${JSON.stringify({ ...facts, kubeconfig })}\n` : kubeconfig);
    return 0;
  },
};

/** Keys of the cluster's project. @throws {GridError} TFG_OTHER_SECRET when state tells that they are others */
function keysOf({ name, stack, origin, project }: FoundCluster, keyRoot: Secret): KeyDerivation {
  const keys = new KeyDerivation(keyRoot, origin.genesis, project.keyScope);
  const known = stack.objects
    .filter(({ type }) => type === "threefold_project")
    .map(({ attributes }) => new Attributes(attributes))
    .find((attributes) => attributes.text("id") === project.id)
    ?.text("key_check");
  if (known === undefined || known === keys.check()) return keys;
  throw new GridError({
    code: "TFG_OTHER_SECRET",
    summary: `The authorities of cluster "${name}" were derived from another secret.`,
    facts: { "key check in state": known, "key check here": keys.check() },
    standing: "Nothing was printed: the cluster would refuse such a certificate.",
    remedy: "use the mnemonic (or THREEFOLD_KEY_SECRET) and key type that the cluster was deployed with.",
  });
}

function parseOptions(args: readonly string[]): KubeconfigOptions {
  const text = { type: "string" } as const;
  const options = { ...STACK_OPTIONS, expires: text, server: text };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    const [cluster, ...more] = positionals;
    if (cluster === undefined || more.length > 0) {
      throw new Error(`expected <cluster>, got ${positionals.length} argument(s)`);
    }
    return {
      ...stackOptions(values),
      cluster,
      validMs: durationOf(values.expires ?? "24h"),
      server: values.server,
    };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

const MINUTE_MS = 60_000;

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS };

function durationOf(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const duration = Number(count) * (UNITS[unit] ?? 0);
  if (duration >= MINUTE_MS && duration <= 365 * 24 * 60 * MINUTE_MS) return duration;
  throw new Error(`--expires is "${text}"; allowed: a time such as 30m, 24h or 7d, 1 minute to 365 days.`);
}
