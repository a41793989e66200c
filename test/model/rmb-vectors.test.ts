import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkRmb } from "../support/vectors/check-rmb";

type Json = Record<string, unknown>;

const text = readFileSync(join(__dirname, "../vectors/rmb-direct-client-2.9.2-rmb.json"), "utf8");
const load = (): Json => JSON.parse(text);

/** Names of values that say something to people only. */
const PROSE = new Set(["about", "package", "notes", "note", "label"]);

/** Lets one value after another of a JSON object be altered in place while `visit` runs. */
async function alterEach(json: Json, path: string, visit: (path: string) => Promise<void>): Promise<void> {
  for (const [key, value] of Object.entries(json)) {
    const here = `${path}/${key}`;
    if (PROSE.has(key)) continue;
    if (typeof value === "object" && value !== null) await alterEach(value as Json, here, visit);
    else if (!isRefused(json) || key === "valid" || key === "accepted") {
      json[key] = altered(value);
      await visit(here);
      json[key] = value;
    }
  }
}

/** What is listed as refused stays refused whatever else changes in it. */
function isRefused(json: Json): boolean {
  return json.valid === false || json.accepted === false;
}

/** Another value of the same type. Text changes in its middle, where no prefix or padding hides it. */
function altered(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  if (typeof value !== "string" || value === "") return "61";
  const middle = Math.floor(value.length / 2);
  return value.slice(0, middle) + (value[middle] === "1" ? "2" : "1") + value.slice(middle + 1);
}

describe("the message-bus vectors of rmb_direct_client 2.9.2", () => {
  it("are reproduced in every section", async () => {
    const results = await checkRmb(load());
    expect(results.filter((result) => result.error)).toEqual([]);
    expect(results).toHaveLength(2 + 6 + 13 + 3 + 5 + 8 + 2);
  });

  it("are reported when any single value is altered", async () => {
    const { identities, ping, ...sections } = load();
    const cases: Json[] = [
      { jwt: sections.jwt, identities },
      { identities, ping },
    ];
    for (const [name, section] of Object.entries(sections)) {
      if (Array.isArray(section)) cases.push(...section.map((element) => ({ identities, ping, [name]: [element] })));
      else cases.push({ identities, ping, [name]: section });
    }
    const unnoticed: string[] = [];
    let count = 0;
    for (const file of cases.filter((one) => !Object.keys(one).some((name) => PROSE.has(name)))) {
      const [section = ""] = Object.keys(file).slice(-1);
      await alterEach(file[section] as Json, section, async (path) => {
        count++;
        const results = await checkRmb(file);
        if (results.every((result) => result.error === undefined)) unnoticed.push(path);
      });
    }
    expect(unnoticed).toEqual([]);
    expect(count).toBeGreaterThan(300);
  });

  it("are reported when no rule covers a section", async () => {
    const results = await checkRmb({ ...load(), surprises: [] });
    expect(results).toContainEqual({ name: "surprises", error: "no rule checks this section" });
  });
});
