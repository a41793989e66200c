import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const page = readFileSync(join(root, "docs", "errors.md"), "utf8");

const sections = page
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [heading = "", ...text] = section.split("\n");
    return { code: heading.trim(), text: text.join("\n").split(/^## /m)[0]?.trim() ?? "" };
  });

/** Every code in quotes: raised, or asked for. What only a comment mentions is in no quotes. */
function codesInSources(): string[] {
  const files = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" });
  const sources = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "lib", file), "utf8"));
  return [
    ...new Set(sources.flatMap((text) => [...text.matchAll(/"(TFG_[A-Z0-9_]+)"/g)].map(([, code = ""]) => code))),
  ];
}

describe("docs/errors.md", () => {
  test("explains every code once, and none that does not exist", () => {
    expect(sections.map(({ code }) => code).sort()).toEqual(codesInSources().sort());
  });

  test("says of every code what it means and what to do", () => {
    const tooShort = sections.filter(({ text }) => text.length < 60 || !/\. [A-Z`\w]/.test(text));
    expect(tooShort).toEqual([]);
  });

  test("lists its chapters in order, with links that lead there", () => {
    const chapters = [...page.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => anchorOf(title));
    expect([...page.matchAll(/^- \[.*\]\(#([^)]+)\)/gm)].map(([, anchor]) => anchor)).toEqual(chapters);
  });
});

/** As GitHub makes it from a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replace(/\s/g, "-");
}
