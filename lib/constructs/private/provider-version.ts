import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Exact version of the provider in this package, for `required_providers`: the same one that is put into mirrors. A
 * checkout that was not built has the version of its package.json, which is enough for tests of synthesised text.
 */
export const PROVIDER_VERSION: string = readVersion();

function readVersion(): string {
  // Installed, this file is in dist/constructs/private; in a checkout in lib/constructs/private.
  const roots = [join(__dirname, "../.."), join(__dirname, "../../../dist"), join(__dirname, "../../..")];
  const files = roots.flatMap((root) => [join(root, "provider.json"), join(root, "package.json")]);
  const found = files.find((file) => existsSync(file));
  if (!found) throw new Error("cdktf-threefold is incomplete: its package.json is missing.");
  const { version } = JSON.parse(readFileSync(found, "utf8"));
  return version;
}
