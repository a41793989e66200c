import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** One bundled package. */
interface ThirdParty {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/** The licences of every package that ended up in a bundle, as one text. @throws {Error} when a package states none */
export function thirdPartyLicenses(metafile: Metafile): string {
  const directories = new Set(Object.keys(metafile.inputs).flatMap(packageDirectory));
  const packages = [...directories].map(readPackage).sort((a, b) => (a.name < b.name ? -1 : 1));
  const sections = packages.map(
    ({ name, version, license, text }) => `${"=".repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`,
  );
  return `Parts of the following packages are contained in the .cjs files beside this one.\n\n${sections.join("\n")}`;
}

/** `node_modules/@scope/name` of a bundled file; nothing for our own. */
function packageDirectory(input: string): string[] {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  return match?.[1] ? [match[1]] : [];
}

function readPackage(directory: string): ThirdParty {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`${directory} states no licence`);
  return { name, version, license, text: licenseText(directory) };
}

function licenseText(directory: string): string {
  const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const notice = join(directory, "NOTICE");
  const texts = [file && join(directory, file), existsSync(notice) && notice].filter(
    (path) => typeof path === "string",
  );
  return texts.map((path) => readFileSync(path, "utf8").trim()).join("\n\n") || "The package carries no licence file.";
}
