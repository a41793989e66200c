/**
 * A provider registry on loopback that has one provider and answers 404 for every other. Terraform takes it for the real
 * one where a `host` block of its settings says so.
 *
 * @source Terraform documentation, "Provider registry protocol"
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { OpenpgpKey } from "./openpgp-key";
import { zipOfExecutable } from "./zip-file";

/** The one provider that is served; the same executable for every system. */
export interface ServedProvider {
  /** Namespace and type: `hashicorp/null`. */
  readonly name: string;
  readonly version: string;
  /** Content of the executable. */
  readonly executable: string;
}

/** A running registry. */
export interface RegistryStandIn {
  /** Paths that were asked, in order, with what was answered: `200 /v1/…`. */
  readonly requests: readonly string[];
  /** Writes Terraform settings that lead to it, and to nothing else. */
  writeSettings(path: string): void;
  close(): Promise<void>;
}

const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"].map((name) => {
  const [os = "", arch = ""] = name.split("_");
  return { os, arch };
});

/** Starts a registry with one provider. */
export async function startRegistry(provider: ServedProvider): Promise<RegistryStandIn> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const found = answers.get(path);
    requests.push(`${found ? 200 : 404} ${path}`);
    if (!found)
      return void response.writeHead(404, { "content-type": "application/json" }).end('{"errors":["Not Found"]}');
    response.writeHead(200, { "content-type": "application/json" }).end(found);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = answersOf(provider, base);
  return {
    requests,
    writeSettings: (path) =>
      writeFileSync(
        path,
        `host "registry.terraform.io" {\n  services = { "providers.v1" = "${base}/v1/providers/" }\n}\n`,
      ),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Everything that is served, by path. */
function answersOf({ name, version, executable }: ServedProvider, base: string): Map<string, string | Buffer> {
  const key = new OpenpgpKey("Registry stand-in <stand-in@example.com>");
  const type = name.split("/")[1] ?? "";
  const archive = zipOfExecutable(`terraform-provider-${type}_v${version}`, Buffer.from(executable));
  const shasum = createHash("sha256").update(archive).digest("hex");
  const fileOf = ({ os, arch }: { os: string; arch: string }) =>
    `terraform-provider-${type}_${version}_${os}_${arch}.zip`;
  const sums = Buffer.from(PLATFORMS.map((platform) => `${shasum}  ${fileOf(platform)}\n`).join(""));
  const downloads = PLATFORMS.flatMap((platform): [string, string | Buffer][] => {
    const filename = fileOf(platform);
    const answer = {
      protocols: ["6.0"],
      ...platform,
      filename,
      download_url: `${base}/files/${filename}`,
      shasums_url: `${base}/files/sums`,
      shasums_signature_url: `${base}/files/sums.sig`,
      shasum,
      signing_keys: { gpg_public_keys: [{ key_id: key.keyId, ascii_armor: key.publicKey }] },
    };
    const path = `/v1/providers/${name}/${version}/download/${platform.os}/${platform.arch}`;
    return [
      [path, JSON.stringify(answer)],
      [`/files/${filename}`, archive],
    ];
  });
  const versions = { versions: [{ version, protocols: ["6.0"], platforms: PLATFORMS }] };
  return new Map<string, string | Buffer>([
    [`/v1/providers/${name}/versions`, JSON.stringify(versions)],
    ["/files/sums", sums],
    ["/files/sums.sig", key.sign(sums)],
    ...downloads,
  ]);
}
