import { badValue } from "../core/bad-value";
import { GridError } from "../core/errors";
import { looksLikeAccountSecret } from "../model/account-phrase";
import { isServerAddress } from "../model/wire/host-port";
import type { BlockSchema } from "./schema/schema";
import type { ObjectValue, Value } from "./schema/value";

/** Networks the provider knows by name. */
export const NETWORK_NAMES = ["main", "test", "qa", "dev", "devgrid"] as const;

/** Signature schemes of accounts. */
const KEY_TYPES: readonly string[] = ["sr25519", "ed25519"];

/** The provider block. */
export const providerSchema: BlockSchema = {
  version: 0,
  description:
    "The ThreeFold Grid. The account comes from the environment (`THREEFOLD_MNEMONIC` or `MNEMONIC`), so that no configuration file, plan or state ever holds it.",
  attributes: {
    network: {
      type: "string",
      optional: true,
      description:
        "`main`, `test`, `qa`, `dev`, or `devgrid` for the embedded local grid, which is found or started. Defaults to `THREEFOLD_NETWORK`, or `main` when that is unset.",
    },
    mnemonic_file: {
      type: "string",
      optional: true,
      description:
        "Path of a file that holds the account's secret. Defaults to the environment. On `devgrid` the embedded grid's own account is used when neither is given.",
    },
    key_type: {
      type: "string",
      optional: true,
      description:
        "`sr25519` or `ed25519`: the same mnemonic is two different accounts under the two. Defaults to `THREEFOLD_KEY_TYPE`, or `sr25519` when that is unset.",
    },
    chain_urls: {
      type: { list: "string" },
      optional: true,
      description: "Chain endpoints (`ws://`, `wss://`), tried in order. Defaults to those of the network.",
    },
    relay_urls: {
      type: { list: "string" },
      optional: true,
      description: "Relay endpoints (`ws://`, `wss://`), tried in order. Defaults to those of the network.",
    },
    directory_urls: {
      type: { list: "string" },
      optional: true,
      description: "Directory endpoints (`http://`, `https://`), tried in order. Defaults to those of the network.",
    },
    dns_servers: {
      type: { list: "string" },
      optional: true,
      description:
        "DNS servers (`ip` or `ip:port`) that are asked where the domain of a gateway points. Defaults to those of this machine; on `devgrid` to the embedded grid's own.",
    },
  },
};

/** Which schemes each kind of endpoint may have. */
const URL_SCHEMES: Readonly<Record<string, readonly string[]>> = {
  chain_urls: ["ws:", "wss:"],
  relay_urls: ["ws:", "wss:"],
  directory_urls: ["http:", "https:"],
};

/** Checks what is known of the provider block. */
export function validateProvider(config: ObjectValue): readonly GridError[] {
  const { network, key_type: keyType, mnemonic_file: file } = config;
  const findings: GridError[] = [];
  if (typeof network === "string" && !NETWORK_NAMES.some((name) => name === network)) {
    findings.push(unknownNetwork(network, "network"));
  }
  if (typeof file === "string" && looksLikeAccountSecret(file)) findings.push(phraseAsPath());
  if (typeof keyType === "string" && !KEY_TYPES.includes(keyType)) findings.push(unknownKeyType(keyType, "key_type"));
  for (const [name, schemes] of Object.entries(URL_SCHEMES)) {
    const urls = config[name];
    if (!Array.isArray(urls)) continue;
    for (const url of urls) {
      if (typeof url === "string" && !hasScheme(url, schemes)) findings.push(badUrl(name, url, schemes));
    }
  }
  return [...findings, ...badServers(config.dns_servers)];
}

function badServers(servers: Value | undefined): GridError[] {
  if (!Array.isArray(servers)) return [];
  return servers.flatMap((given) => {
    if (typeof given !== "string" || isServerAddress(given)) return [];
    return [badValue({ attribute: ["dns_servers"], given, allowed: "ip or ip:port, IPv6 in brackets with a port" })];
  });
}

/** The secret itself where the path of its file belongs; it is not repeated. */
export function phraseAsPath(): GridError {
  return badValue({
    attribute: ["mnemonic_file"],
    isSecret: true,
    what: "holds the account's secret, not the path of a file",
    allowed: "the path of a file that holds the secret",
    remedy: "take the secret out of the configuration; set THREEFOLD_MNEMONIC, or give the path of a private file.",
  });
}

/** A network name nobody knows, and where it came from. */
export function unknownNetwork(given: string, source: "network" | "THREEFOLD_NETWORK"): GridError {
  return new GridError({
    code: "TFG_UNKNOWN_NETWORK",
    summary: `There is no network "${given}".`,
    facts: { "given in": source, given, allowed: NETWORK_NAMES.join(", ") },
    standing: "Nothing was started.",
    remedy: "use one of these names, or give chain_urls, relay_urls and directory_urls.",
    attribute: source === "network" ? ["network"] : undefined,
  });
}

/** A signature scheme the chain does not have, and where it came from. */
export function unknownKeyType(given: string, source: "key_type" | "THREEFOLD_KEY_TYPE"): GridError {
  return new GridError({
    code: "TFG_UNKNOWN_KEY_TYPE",
    summary: `There is no key type "${given}".`,
    facts: { "given in": source, given, allowed: KEY_TYPES.join(", ") },
    standing: "Nothing was started.",
    remedy: "use the scheme the account was made with; sr25519 when in doubt.",
    attribute: source === "key_type" ? ["key_type"] : undefined,
  });
}

function badUrl(attribute: string, given: string, schemes: readonly string[]): GridError {
  return new GridError({
    code: "TFG_BAD_URL",
    summary: `${attribute} holds something that is no endpoint.`,
    facts: { given: withoutCredentials(given), allowed: schemes.map((scheme) => `${scheme}//host[:port]`).join(", ") },
    standing: "Nothing was started.",
    remedy: "write the whole URL with its scheme.",
    // Terraform would quote the line, and a password in it.
    attribute: given.includes("@") ? undefined : [attribute],
  });
}

function hasScheme(url: string, schemes: readonly string[]): boolean {
  return URL.canParse(url) && schemes.includes(new URL(url).protocol);
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//***@");
}
