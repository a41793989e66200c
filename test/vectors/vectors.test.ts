import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseResult } from "../support/vectors/case-result";
import { checkVectors } from "../support/vectors/check-vectors";

type Json = Record<string, unknown>;

const files = readdirSync(__dirname).filter((name) => name.endsWith(".json"));

function load(ending: string): unknown {
  const name = files.find((file) => file.endsWith(ending));
  return JSON.parse(readFileSync(join(__dirname, String(name)), "utf8"));
}

function loadList(ending: string): Json[] {
  return load(ending) as Json[];
}

async function failures(json: unknown): Promise<readonly CaseResult[]> {
  const { results } = await checkVectors(json);
  return results.filter(({ error }) => error !== undefined);
}

/** Another value of the same kind. */
function altered(value: unknown): unknown {
  if (typeof value === "string") return value.endsWith("0") ? `${value.slice(0, -1)}1` : `${value.slice(0, -1)}0`;
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return value.length > 0 ? value.slice(1) : [{ op: "add", name: "x" }];
  return { altered: true };
}

/** One case per field named that the list's cases have, with that field altered. */
function alterations(list: readonly Json[], fields: readonly string[]): [string, Json][] {
  return list.flatMap((entry) =>
    fields
      .filter((field) => entry[field] !== undefined)
      .map((field): [string, Json] => [`${field} of ${entry.name}`, { ...entry, [field]: altered(entry[field]) }]),
  );
}

describe("the vector files of the real systems", () => {
  it.each(files)("are reproduced: %s", async (file) => {
    const { results } = await checkVectors(JSON.parse(readFileSync(join(__dirname, file), "utf8")));
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
  });
});

describe("the vector checker", () => {
  it.each(alterations(loadList("-deployments.json"), ["challenge", "hash", "node_valid", "node_valid_error", "capacity"]))(
    "notices an altered %s",
    async (_, entry) => expect(await failures([entry])).toHaveLength(1),
  );

  it.each(alterations(loadList("-deployment-upgrades.json"), ["ops", "error", "refused_by_engine"]))(
    "notices an altered %s",
    async (_, entry) => expect(await failures([entry])).toHaveLength(1),
  );

  it.each(
    alterations(loadList("-signatures.json"), ["hash", "signed_message_hex", "signature", "public_key", "node_accepts", "node_error"]),
  )("notices an altered %s", async (_, entry) => expect(await failures([entry])).toHaveLength(1));

  it("notices an altered field in every kind of networking case", async () => {
    const networking = load("-networking.json") as Record<string, Json[]>;
    const answers: Record<string, string[]> = {
      wireguard_address: ["wg_cidr", "node_interface_cidr"],
      wireguard_keys: ["public_key"],
      free_subnet: ["next"],
      free_machine_ip: ["next"],
      mycelium_default_seed: ["default_hex_seed"],
      min_root_size: ["root_bytes"],
      ip_range_check: ["accepted_by_official_ts"],
    };
    for (const [section, fields] of Object.entries(answers)) {
      for (const [what, entry] of alterations(networking[section] ?? [], fields)) {
        expect([what, await failures({ [section]: [entry] })]).toEqual([what, [expect.anything()]]);
      }
    }
  });

  it.each([
    ["a missing peer", (text: string) => text.replace(/"30":\[\{/, '"30":[],"31":[{')],
    ["a wrong endpoint", (text: string) => text.replace('"endpoint":"185.206.122.31:6835"', '"endpoint":"185.206.122.31:6836"')],
    ["a missing allowed block", (text: string) => text.replace('"100.64.20.2/32",', "")],
    ["a wrong key", (text: string) => text.replace(/FO4OB/g, "FO4OC")],
  ])("notices %s in a mesh", async (_, alter) => {
    const mesh = (load("-networking.json") as Record<string, Json[]>).mesh?.filter(({ name }) => name === "public-plus-hidden");
    expect(await failures({ mesh })).toEqual([]);
    expect(await failures({ mesh: JSON.parse(alter(JSON.stringify(mesh))) })).toHaveLength(1);
  });

  it.each([
    ["PersistentKeepalive = 25", "PersistentKeepalive = 26"],
    ["AllowedIPs = 10.20.0.0/16", "AllowedIPs = 10.21.0.0/16"],
    ["Endpoint = 185", "Endpoint = 186"],
  ])("notices %s altered in an exported configuration", async (from, to) => {
    const mesh = (load("-networking.json") as Record<string, Json[]>).mesh?.filter(({ name }) => name === "single-access-node-with-user");
    expect(await failures({ mesh: JSON.parse(JSON.stringify(mesh).replace(from, to)) })).toHaveLength(1);
  });

  it("notices a mesh that should have been refused", async () => {
    const mesh = (load("-networking.json") as Record<string, Json[]>).mesh?.filter(({ name }) => name === "two-public-nodes");
    expect(await failures({ mesh: mesh?.map((each) => ({ ...each, error: true })) })).toHaveLength(1);
  });

  it("counts a section it has no rule for as a failure", async () => {
    expect(await failures({ wireguard_keys: [], surprises: [{}] })).toEqual([
      { name: "surprises", error: "no rule for this section" },
    ]);
  });

  it("counts a case that lacks its answers as a failure", async () => {
    const [first] = loadList("-deployments.json");
    expect(await failures([{ deployment: first?.deployment, node_valid: true }])).toHaveLength(1);
  });

  it.each([[null], [[]], [{}], [[1, 2]], ["text"], [{ mesh: [] }]])("refuses %j as no vector file", async (json) => {
    await expect(checkVectors(json)).rejects.toThrow(/no known vector format|no cases/);
  });
});
