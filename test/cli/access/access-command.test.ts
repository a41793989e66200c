import { createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runThreefold } from "../../../lib/cli/threefold";

/** Mini-secret of the development phrase. @source substrate, subkey inspect */
const MINI_SECRET = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
const GENESIS = "0x858f8fb2184b15ecb8c0be8b95398c81b2d15e4ac1a4cdefd3a7dfd3eda4a5ad";
const OTHER_PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

/** The derivation as it is documented, written down a second time. */
const info = JSON.stringify(["v1", "shop", "wireguard-access", "network/mesh/laptop", null, 1]);
const rawKey = Buffer.from(
  hkdfSync("sha256", Buffer.from(MINI_SECRET, "hex"), Buffer.from(GENESIS.slice(2), "hex"), info, 32),
);
const privateKey = rawKey.toString("base64");
const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), rawKey]);
const publicKey = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }))
  .export({ format: "der", type: "spki" })
  .subarray(-32)
  .toString("base64");

const memberKey = "cV9BTp9IvcmH/N4Oj9t5Kv4V0mXn6pGOoGZ0qIcJ9Ao=";

function stateText(changes: { endpoint?: string; network?: string; private?: string } = {}): string {
  const kept = { genesis: GENESIS, twin: 7, network: changes.network ?? "devgrid", tokens: { "1": "t" } };
  const member = { subnet: "10.20.2.0/24", public_key: memberKey, listen_port: 3011, deployment_hash: "" };
  const attributes = {
    name: "mesh",
    identity: "mesh",
    ip_range: "10.20.0.0/16",
    project: { id: "shop.0011223344556677", name: "renamed", key_scope: "shop" },
    members: { "1": { ...member, endpoint: changes.endpoint ?? "185.206.122.33", contract_id: "12", status: "ok" } },
    access_points: { laptop: { subnet: "10.20.3.0/24", public_key: publicKey, node_id: 1 } },
  };
  const instance = { attributes, private: changes.private ?? Buffer.from(JSON.stringify(kept)).toString("base64") };
  const resource = { mode: "managed", type: "threefold_network", name: "mesh_A1", instances: [instance] };
  return JSON.stringify({ version: 4, resources: [{ mode: "data", type: "threefold_node", instances: [] }, resource] });
}

const folder = mkdtempSync(join(tmpdir(), "access-"));
const accountVariables = ["MNEMONIC", "THREEFOLD_MNEMONIC", "THREEFOLD_KEY_SECRET", "THREEFOLD_KEY_TYPE"];
const before = { ...process.env };

beforeEach(() => {
  for (const name of accountVariables) delete process.env[name];
});

afterAll(() => {
  process.env = before;
  rmSync(folder, { recursive: true });
});

function stateFile(text: string): string {
  const path = join(folder, "state.json");
  writeFileSync(path, text);
  return path;
}

async function access(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const code = await runThreefold(["access", ...args], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    stop: new AbortController().signal,
    handSignals: () => undefined,
  });
  return { code, ...said };
}

describe("threefold access", () => {
  test("prints a wg-quick file with the key that the mesh was given", async () => {
    const { code, out, err } = await access("mesh", "laptop", "--state", stateFile(stateText()));
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      "[Interface]",
      "Address = 100.64.20.3/32",
      `PrivateKey = ${privateKey}`,
      "",
      "[Peer]",
      `PublicKey = ${memberKey}`,
      "AllowedIPs = 10.20.0.0/16, 100.64.0.0/16",
      "PersistentKeepalive = 25",
      "Endpoint = 185.206.122.33:3011",
      "",
    ]);
  });

  test("--json adds what the file does not say", async () => {
    const { out } = await access("mesh", "laptop", "--json", "--state", stateFile(stateText()));
    const { config, ...rest } = JSON.parse(out);
    expect(config).toContain(`PrivateKey = ${privateKey}`);
    expect(rest).toEqual({
      mesh: "mesh",
      name: "laptop",
      stack: join(folder, "state.json"),
      address: "100.64.20.3",
      publicKey,
      nodeId: 1,
    });
  });

  test("uses the account of the environment before that of devgrid, and says when it is another one", async () => {
    process.env.MNEMONIC = OTHER_PHRASE;
    const { code, out, err } = await access("mesh", "laptop", "--state", stateFile(stateText()));
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("[TFG_OTHER_SECRET]");
    expect(err).toContain(publicKey);
    expect(err).not.toContain("abandon");
  });

  test("reads the account from the file that is named", async () => {
    const file = join(folder, "mnemonic");
    writeFileSync(file, `${MINI_SECRET}\n`);
    process.env.MNEMONIC = OTHER_PHRASE;
    const args = ["mesh", "laptop", "--mnemonic-file", file, "--state", stateFile(stateText({ network: "main" }))];
    expect((await access(...args)).out).toContain(privateKey);
  });

  test("has no account of its own for a network with real money", async () => {
    const { code, err } = await access("mesh", "laptop", "--state", stateFile(stateText({ network: "main" })));
    expect(code).toBe(1);
    expect(err).toContain("[TFG_NO_MNEMONIC]");
  });

  test.each([
    ["an unknown mesh", ["web", "laptop"], {}, ['no mesh "web"', "mesh (", "[TFG_NO_MESH]"]],
    ["an unknown name", ["mesh", "phone"], {}, ['no access point "phone"', "laptop", "[TFG_NO_ACCESS_POINT]"]],
    ["a node without address", ["mesh", "laptop"], { endpoint: "" }, ["node 1", "[TFG_ACCESS_NOT_READY]"]],
    ["a mesh never applied", ["mesh", "laptop"], { private: "" }, ["never applied", "[TFG_ACCESS_NOT_READY]"]],
  ])("fails for %s, naming what there is", async (_what, args, changes, expected) => {
    const { code, out, err } = await access(...args, "--state", stateFile(stateText(changes)));
    expect([code, out]).toEqual([1, ""]);
    for (const text of expected) expect(err).toContain(text);
  });

  test.each([
    ["no JSON", "hello"],
    ["an older state", '{"version": 3}'],
  ])("fails for a state file that is %s", async (_what, text) => {
    const { code, err } = await access("mesh", "laptop", "--state", stateFile(text));
    expect(code).toBe(1);
    expect(err).toContain("[TFG_STATE_UNREADABLE]");
  });

  test("fails for a state file that is not there", async () => {
    const { code, err } = await access("mesh", "laptop", "--state", join(folder, "nothing"));
    expect(code).toBe(1);
    expect(err).toContain("ENOENT");
  });

  test.each([[[]], [["mesh"]], [["mesh", "laptop", "more"]], [["mesh", "laptop", "--speed"]]])(
    "%j is wrong usage",
    async (args) => {
      const { code, err } = await access(...args);
      expect(code).toBe(2);
      expect(err).toContain("Run threefold access --help for usage.");
    },
  );
});
