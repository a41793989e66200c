import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Oldest Node.js that runs the provider, as in package.json. */
const minimum = { major: 20, minor: 9 } as const;

/**
 * The file the launcher starts. Old JavaScript on purpose: a Node.js too old for the rest must still be able to say so,
 * in one line on stdout, because that is the only thing Terraform shows.
 */
const entry = `"use strict";
var version = process.versions.node.split(".").map(Number);
if (version[0] < ${minimum.major} || (version[0] === ${minimum.major} && version[1] < ${minimum.minor})) {
  require("fs").writeSync(1, "The ThreeFold provider needs Node.js ${minimum.major}.${minimum.minor} or later and found " + process.versions.node + ": install a newer one, then run the same command again.\\n");
  process.exit(1);
}
require("./main.cjs");
`;

/** Completes a bundled provider: adds the file the launcher starts. */
export function writeProviderEntry(directory: string): void {
  writeFileSync(join(directory, "provider.cjs"), entry);
}

/**
 * A version that no other content has: `0.1.0-dev.h1a2b3c4d5e`. Development builds need one because cdktf's plugin
 * cache goes on using the files it once saw for a version.
 */
export function developmentVersion(release: string, directory: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(directory).sort()) hash.update(name).update(readFileSync(join(directory, name)));
  // The letter keeps all-digit hashes with a leading zero legal.
  return `${release}-dev.h${hash.digest("hex").slice(0, 10)}`;
}
