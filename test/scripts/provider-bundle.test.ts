import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { installProviderMirror } from "../../lib/constructs/private/provider-package";
import { silentLog } from "../../lib/core/log";
import { PROVIDER_SOURCE } from "../../lib/core/provider-source";
import { defineProvider } from "../../lib/provider/definition";
import { providerSchemaJson } from "../../lib/provider/schema/schema-json";
import { writeProviderEntry } from "../../scripts/bundle/provider-package";
import { bundleSplitCjs } from "../../scripts/bundle/split-cjs";
import { TerraformProject } from "../support/terraform";

const root = join(__dirname, "../..");

describe("the bundled provider", () => {
  let dir: string;
  let metafile: Metafile;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "provider-bundle-"));
    metafile = await bundleSplitCjs({
      entries: {
        "provider/main": join(root, "lib/provider/main.ts"),
        "provider/threefold": join(root, "lib/cli/threefold.ts"),
      },
      outdir: dir,
      chunkDir: "provider",
    });
    writeProviderEntry(join(dir, "provider"));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  // Terraform starts it several times per command: what a plan without changes does not need must not be loaded.
  it.each(["main", "threefold"])("loads no chain library, signature library or socket when %s starts", (entry) => {
    const heavy = /^(@polkadot\/|@noble\/curves|@scure\/sr25519|bn\.js|rxjs|ws$)/;
    const inputs = eagerInputs(metafile, `provider/${entry}.cjs`);
    expect(inputs).toContain("lib/core/errors.ts");
    expect(inputs.flatMap(packageOf).filter((name) => heavy.test(name))).toEqual([]);
    expect(
      Object.keys(metafile.inputs)
        .flatMap(packageOf)
        .filter((name) => heavy.test(name)),
    ).not.toEqual([]);
  });

  it("shows the real Terraform the schemas the bindings are generated from", async () => {
    const project = new TerraformProject({ providers: { threefold: { source: PROVIDER_SOURCE, version: "0.0.1" } } });
    installProviderMirror({
      stackDir: project.dir,
      packageDir: join(dir, "provider"),
      version: "0.0.1",
      requiredProviders: [],
      environment: project.env,
    });
    project.write({});
    await project.init();
    const { stdout } = await project.succeed("providers", "schema", "-json");
    await project.remove();
    const definition = defineProvider({ env: {}, log: silentLog });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(providerSchemaJson(PROVIDER_SOURCE, definition))));
  });
});

/** Source files that are evaluated when an output file is loaded, without what `import()` brings later. */
function eagerInputs({ outputs }: Metafile, entry: string): string[] {
  const start = Object.keys(outputs).find((path) => path.endsWith(entry));
  const seen = new Set<string>(start ? [start] : []);
  for (const path of seen) {
    for (const next of outputs[path]?.imports ?? [])
      if (next.kind === "import-statement" && next.path in outputs) seen.add(next.path);
  }
  return [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
}

function packageOf(input: string): string[] {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(input)?.[1];
  return name ? [name] : [];
}
