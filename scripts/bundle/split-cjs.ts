import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { build, type Metafile, type Plugin, transform } from "esbuild";

/** What to bundle and where to. */
export interface BundleOptions {
  /** Entry files by output path without extension, relative to `outdir`. */
  readonly entries: Readonly<Record<string, string>>;
  readonly outdir: string;
  /** Where shared and lazily loaded parts go, relative to `outdir`. */
  readonly chunkDir: string;
}

/**
 * Bundles into CommonJS files that share chunks, `import()` loading its chunk at the first call. esbuild splits ES
 * modules only, so each of its output files is turned into CommonJS by a second pass. Sharing matters for more than
 * size: a class that existed twice would fail every `instanceof` across the border. Why not one file or ES modules:
 * docs/decisions/0002-bundle.md.
 *
 * In source a lazy part is written `await import("../grid/connect")`, without an extension: esbuild splits there, and
 * what jest and ts-node compile to CommonJS becomes a `require` at that moment.
 */
export async function bundleSplitCjs({ entries, outdir, chunkDir }: BundleOptions): Promise<Metafile> {
  const result = await build({
    entryPoints: { ...entries },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
    metafile: true,
    legalComments: "none",
    logLevel: "warning",
    outExtension: { ".js": ".cjs" },
    chunkNames: `${chunkDir}/[name]-[hash]`,
    plugins: [entriesAreMain(Object.values(entries))],
    // ws would otherwise look for native add-ons in whatever project it is run from.
    define: { "process.env.WS_NO_BUFFER_UTIL": '"1"', "process.env.WS_NO_UTF_8_VALIDATE": '"1"' },
  });
  await Promise.all(result.outputFiles.map((file) => writeCommonJs(file.path, file.text)));
  return result.metafile;
}

/** `require.main === module` holds in an entry file; esbuild, which wraps a file that says `module`, would make it false. */
function entriesAreMain(entries: readonly string[]): Plugin {
  return {
    name: "entries-are-main",
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!entries.includes(path)) return undefined;
        const source = await readFile(path, "utf8");
        return { contents: source.replaceAll("require.main === module", "true"), loader: "ts" };
      });
    },
  };
}

async function writeCommonJs(path: string, source: string): Promise<void> {
  const { code } = await transform(source, {
    format: "cjs",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    minifySyntax: true,
    supported: { "dynamic-import": false },
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, code);
}
