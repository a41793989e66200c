/**
 * A stack on the ThreeFold Grid. It costs nothing itself: what is put into it does.
 *
 * @example
 * class Shop extends GridStack {
 *   constructor(scope: Construct, id: string) {
 *     super(scope, id, { network: "devgrid", project: "shop" });
 *     new VirtualMachine(this, "web", { cpu: 1, memory: Size.gib(2), image: Image.ubuntu() });
 *   }
 * }
 */
import { resolve } from "node:path";
import { TerraformStack, Token } from "cdktf";
import type { Construct } from "constructs";
import type { GridError } from "../core/errors";
import { looksLikeAccountSecret } from "../model/account-phrase";
import { GRID_NETWORKS } from "../model/grid-network";
import { PROJECT_NAME_PATTERN } from "../model/identity";
import { isServerAddress } from "../model/wire/host-port";
import { Project } from "./gen/project";
import { ThreefoldProvider } from "./gen/provider";
import { GridContext } from "./private/grid-context";
import { installProviderOnSynth } from "./private/install-provider";
import { flag, listOf, oneOf, optional, record, text } from "./private/kinds";
import { badValue, check, type Rule } from "./private/problems";
import { checkProjectIsOwn } from "./private/project-owner";

/** Where a grid is reached; each list in the order in which it is tried. */
export interface GridStackEndpoints {
  /** Chain: `ws://…` or `wss://…`. @default those of the network */
  readonly chain?: readonly string[];
  /** Message bus: `ws://…` or `wss://…`. @default those of the network */
  readonly relay?: readonly string[];
  /** Directory: `http://…` or `https://…`. @default those of the network */
  readonly directory?: readonly string[];
  /** DNS servers asked where the domains of gateways point: `ip` or `ip:port`. @default those of this machine; devgrid has its own */
  readonly dns?: readonly string[];
}

/** Properties of a stack. */
export interface GridStackProps {
  /**
   * Name of the project: 1 to 40 letters, digits, `_` and `-`. It is stamped on every contract and scopes every derived
   * key, so it must be unique among the stacks of one account.
   */
  readonly project: string;
  /** `main` (real money), `test`, `qa`, `dev`, or `devgrid`: the embedded local grid, without an account or a cost. */
  readonly network: string;
  /** Signature scheme of the account. @default `THREEFOLD_KEY_TYPE`, or sr25519 */
  readonly keyType?: "sr25519" | "ed25519";
  /**
   * Path of a file with the account's secret; a relative one counts from the directory the program runs in.
   * @default the environment: `THREEFOLD_MNEMONIC` or `MNEMONIC`
   */
  readonly mnemonicFile?: string;
  /** Where the grid is reached, when not where its network usually is. @default the endpoints of the network */
  readonly endpoints?: GridStackEndpoints;
  /** Lineage id of a project whose state was lost; the provider names it when it refuses to start. @default a new lineage */
  readonly adopt?: string;
  /**
   * Whether synth puts the Terraform provider beside the stack, so that nothing has to be installed. Turn it off where the
   * provider comes from a registry or a mirror of one's own. @default true
   */
  readonly installProvider?: boolean;
}

/** A stack whose constructs run on the grid: brings the provider, the project and the choice of nodes. */
export class GridStack extends TerraformStack {
  /** The provider block; for what the properties of the stack do not cover. */
  readonly provider: ThreefoldProvider;
  /** The project everything in this stack belongs to. */
  readonly project: Project;

  constructor(scope: Construct, id: string, props: GridStackProps) {
    super(scope, id);
    check(this, props, rules, kind);
    const { endpoints = {} } = props;
    this.provider = new ThreefoldProvider(this, "threefold-provider", {
      network: props.network,
      keyType: props.keyType,
      mnemonicFile: absolute(props.mnemonicFile),
      chainUrls: copy(endpoints.chain),
      relayUrls: copy(endpoints.relay),
      directoryUrls: copy(endpoints.directory),
      dnsServers: copy(endpoints.dns),
    });
    this.project = new Project(this, "threefold-project", { name: props.project, adopt: props.adopt });
    this.project.overrideLogicalId("project");
    new GridContext(this, this.project);
    checkProjectIsOwn(this, props);
    if (props.installProvider ?? true) installProviderOnSynth(this);
  }
}

const NETWORKS: readonly string[] = [...GRID_NETWORKS, "devgrid"];

const urls = optional(listOf(text));

const kind = record<GridStackProps>({
  project: text,
  network: text,
  keyType: optional(oneOf("sr25519", "ed25519")),
  mnemonicFile: optional(text),
  endpoints: optional(record<GridStackEndpoints>({ chain: urls, relay: urls, directory: urls, dns: urls })),
  adopt: optional(text),
  installProvider: optional(flag),
});

const rules: readonly Rule<GridStackProps>[] = [
  ({ project }) => {
    if (Token.isUnresolved(project) || PROJECT_NAME_PATTERN.test(project)) return [];
    const allowed = "1 to 40 letters, digits, _ and -, beginning with a letter or a digit";
    return [badValue({ attribute: ["project"], given: project, allowed, remedy: "use a shorter, plainer name." })];
  },
  ({ network }) => {
    if (Token.isUnresolved(network) || NETWORKS.includes(network)) return [];
    return [badValue({ attribute: ["network"], given: network, allowed: NETWORKS.join(", ") })];
  },
  ({ mnemonicFile }) => {
    if (mnemonicFile === undefined || !looksLikeAccountSecret(mnemonicFile)) return [];
    const what = "holds the account's secret, not the path of a file";
    const allowed = "the path of a file that holds the secret";
    const remedy = "take the secret out of the program; set THREEFOLD_MNEMONIC, or give the path of a private file.";
    return [badValue({ attribute: ["mnemonicFile"], isSecret: true, what, allowed, remedy })];
  },
  ({ endpoints }) => checkUrls("chain", ["ws:", "wss:"], endpoints?.chain),
  ({ endpoints }) => checkUrls("relay", ["ws:", "wss:"], endpoints?.relay),
  ({ endpoints }) => checkUrls("directory", ["http:", "https:"], endpoints?.directory),
  ({ endpoints }) => checkServers(endpoints?.dns),
];

function checkUrls(
  kind: keyof GridStackEndpoints,
  schemes: readonly string[],
  urls: readonly string[] = [],
): readonly GridError[] {
  const allowed = schemes.map((scheme) => `${scheme}//host[:port]`).join(", ");
  return urls.flatMap((url, index) => {
    if (Token.isUnresolved(url) || hasScheme(url, schemes)) return [];
    // A URL may carry credentials, so it is not repeated.
    return [badValue({ attribute: ["endpoints", kind, index], allowed })];
  });
}

function checkServers(servers: readonly string[] = []): readonly GridError[] {
  return servers.flatMap((given, index) => {
    if (Token.isUnresolved(given) || isServerAddress(given)) return [];
    const allowed = "ip or ip:port, IPv6 in brackets with a port";
    return [badValue({ attribute: ["endpoints", "dns", index], given, allowed })];
  });
}

function hasScheme(url: string, schemes: readonly string[]): boolean {
  return URL.canParse(url) && schemes.includes(new URL(url).protocol);
}

/** Terraform runs elsewhere: in the stack's own directory. */
function absolute(path: string | undefined): string | undefined {
  return path === undefined || Token.isUnresolved(path) ? path : resolve(path);
}

function copy(urls: readonly string[] | undefined): string[] | undefined {
  return urls ? [...urls] : undefined;
}
