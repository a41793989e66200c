import { accessSync, constants, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { GridError } from "../../core/errors";

/** The command line of cdktf, and of its successor cdktn, which takes the same commands and variables. */
const NAMES = ["cdktf", "cdktn"];

/**
 * Finds the command line of cdktf as npx does: in node_modules of a directory or of one above it, else on the PATH.
 *
 * @throws {GridError} TFG_NO_CDKTF
 */
export function findCdktf(directory: string, path: string | undefined): string {
  const onPath = (path ?? "").split(delimiter).filter((entry) => entry !== "");
  const places = [
    ...upwards(resolve(directory)).map((folder) => join(folder, "node_modules", ".bin")),
    ...onPath.map((entry) => resolve(directory, entry)),
  ];
  const found = places.flatMap((place) => NAMES.map((name) => join(place, name))).find(isProgram);
  if (found === undefined) throw noCdktf(directory);
  return found;
}

function upwards(directory: string): readonly string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...upwards(parent)];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not for this user: the next place may have one.
    return false;
  }
}

function noCdktf(directory: string): GridError {
  return new GridError({
    code: "TFG_NO_CDKTF",
    summary: "There is no cdktf command line.",
    facts: { "looked in": `node_modules of ${directory} and of every directory above it, and on the PATH` },
    standing: "Nothing was started.",
    remedy: "run this in the project's directory, after `npm install --save-dev cdktf-cli@0.21` if it has none.",
  });
}
