import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Terraform's `h1:` hash of an unpacked provider: SHA-256 over the lines `<sha256 of file>  <name>`, sorted by name.
 *
 * @source golang.org/x/mod sumdb/dirhash Hash1; recomputed equal to what Terraform wrote
 */
export function packageHash(directory: string): string {
  const total = createHash("sha256");
  for (const name of readdirSync(directory).sort()) {
    const file = createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
    total.update(`${file}  ${name}\n`);
  }
  return `h1:${total.digest("base64")}`;
}
