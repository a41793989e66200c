import { fastClock } from "../support/fast-clock";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { machine, mesh, PROJECT, stack } from "../support/grid-stack";

let project: GridProject;
const NODE = 1;

beforeAll(async () => {
  project = await startGridProject({ clock: fastClock(5) });
});
afterAll(() => project?.close());

/** Where nobody listens. Not one of the well-known ports: `fetch` refuses those without trying. */
const NOBODY = "127.0.0.1:59";

const web = (change: Readonly<Record<string, unknown>> = {}) =>
  stack(PROJECT, { threefold_virtual_machine: { web: machine(NODE, change) } });

interface BadSurroundings {
  readonly title: string;
  readonly mnemonic?: string | undefined;
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly prepare?: () => unknown;
  readonly restore?: () => unknown;
  readonly says: readonly string[];
  readonly code: string;
  /** Extrinsics it costs to find out. @default none */
  readonly costs?: number;
}

const user = () => project.grid.chain.listTwins().find(({ twinId }) => twinId === 1);

const CASES: readonly BadSurroundings[] = [
  { title: "no mnemonic", mnemonic: undefined, says: ["THREEFOLD_MNEMONIC", "mnemonic_file"], code: "TFG_NO_MNEMONIC" },
  {
    title: "a mnemonic with a wrong word",
    mnemonic: `${"bottom ".repeat(11)}xylophone`,
    says: ["THREEFOLD_MNEMONIC has a word, number 12, that is not in the word list"],
    code: "TFG_BAD_MNEMONIC",
  },
  {
    title: "a mnemonic file that is not there",
    provider: { mnemonic_file: "/nowhere/mnemonic" },
    says: ["/nowhere/mnemonic"],
    code: "TFG_MNEMONIC_FILE",
  },
  {
    title: "the secret itself in the place of its file",
    provider: { mnemonic_file: `${"xylophone ".repeat(11)}walk` },
    says: ["mnemonic_file holds the account's secret", "THREEFOLD_MNEMONIC"],
    code: "TFG_BAD_VALUE",
  },
  {
    title: "an account without a twin",
    mnemonic: "//Charlie",
    says: ["no twin", "5FLSigC9", "create the twin"],
    code: "TFG_NO_TWIN",
  },
  {
    title: "a chain nobody serves",
    provider: { chain_urls: [`ws://${NOBODY}`] },
    says: [`ws://${NOBODY}`, "chain URLs"],
    code: "TFG_CHAIN_UNREACHABLE",
  },
  {
    title: "a relay nobody serves",
    provider: { relay_urls: [`ws://${NOBODY}`] },
    says: ["relay", `ws://${NOBODY}`],
    code: "TFG_RELAY_UNREACHABLE",
  },
  {
    title: "a directory nobody serves",
    provider: { directory_urls: [`http://${NOBODY}`] },
    says: ["directory", NOBODY],
    code: "TFG_DIRECTORY_UNREACHABLE",
  },
  {
    title: "an empty balance",
    prepare: () => project.grid.chain.setBalance(address(), 0n),
    restore: () => project.grid.chain.setBalance(address(), 10_000_000_000n),
    says: ["cannot pay", "0 TFT", "top up"],
    code: "TFG_BALANCE",
  },
  {
    title: "a node that does not exist",
    config: stack(PROJECT, { threefold_virtual_machine: { web: machine(999) } }),
    says: ["node 999", "node_id"],
    code: "TFG_NO_NODE",
  },
  {
    title: "a mesh on a node that does not exist",
    config: stack(PROJECT, { threefold_network: { mesh: mesh({ web: 999 }) } }),
    says: ["node 999", "network mesh"],
    code: "TFG_NO_NODE",
  },
  {
    title: "a node that is down",
    prepare: () => project.grid.nodes.get(NODE)?.setOnline(false),
    restore: () => project.grid.nodes.get(NODE)?.setOnline(true),
    says: [`Node ${NODE} does not answer`, "virtual machine web", "another node"],
    code: "TFG_NODE_UNREACHABLE",
  },
  {
    title: "a mesh with a node that is down",
    config: stack(PROJECT, { threefold_network: { mesh: mesh({ web: NODE, db: 2 }) } }),
    prepare: () => project.grid.nodes.get(NODE)?.setOnline(false),
    restore: () => project.grid.nodes.get(NODE)?.setOnline(true),
    says: [`Node ${NODE} does not answer`, "network mesh"],
    code: "TFG_NODE_UNREACHABLE",
  },
  {
    title: "an account that is not verified",
    prepare: () => project.grid.control("dev.setKyc", 1, "UNVERIFIED"),
    restore: () => project.grid.control("dev.setKyc", 1, "VERIFIED"),
    says: ["user with twin id 1 is not verified", "cancelled", "KYC"],
    code: "TFG_NODE_REFUSED",
    costs: 2,
  },
  {
    title: "a secret that is not there",
    config: web({ secret_env: { TOKEN: "env:NOBODY_SET_THIS" } }),
    says: ["NOBODY_SET_THIS", "not set"],
    code: "TFG_SECRET_MISSING",
  },
];

function address(): string {
  const account = user()?.accountId;
  if (!account) throw new Error("the devgrid has no user");
  return `0x${Buffer.from(account).toString("hex")}`;
}

test.each(CASES)("tells of $title and leaves nothing", async (bad) => {
  const mnemonic = project.env.THREEFOLD_MNEMONIC;
  if ("mnemonic" in bad) project.env.THREEFOLD_MNEMONIC = bad.mnemonic;
  await bad.prepare?.();
  const { extrinsics } = project.grid.stats().chain;
  project.terraform.write({
    ...(bad.config ?? web()),
    provider: { threefold: { ...project.provider, ...bad.provider } },
  });
  try {
    const { diagnostics } = await project.terraform.fail("apply");
    const said = diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
    for (const text of bad.says) expect(said).toContain(text);
    expect(said).toContain(`[${bad.code}]`);
    expect(said).toContain("Fix: ");
    expect(JSON.stringify(diagnostics)).not.toContain("xylophone");
    expect(project.grid.stats().chain.extrinsics - extrinsics).toBe(bad.costs ?? 0);
    expect(leftovers(project.grid)).toEqual(NOTHING);
  } finally {
    project.env.THREEFOLD_MNEMONIC = mnemonic;
    await bad.restore?.();
    project.terraform.reset();
  }
});
