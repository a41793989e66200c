import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProjectStates } from "../../../lib/cli/stack/stack-state";
import type { GridError } from "../../../lib/core/errors";

const state = (name: string) =>
  JSON.stringify({
    version: 4,
    resources: [{ mode: "managed", type: "threefold_network", instances: [{ attributes: { name } }] }],
  });

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stacks-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function project(stacks: Record<string, object>, outdir = "cdktf.out"): void {
  for (const [name, config] of Object.entries(stacks)) {
    mkdirSync(join(folder, outdir, "stacks", name), { recursive: true });
    writeFileSync(join(folder, outdir, "stacks", name, "cdk.tf.json"), JSON.stringify(config));
  }
  const manifest = { version: "0.21.0", stacks: Object.fromEntries(Object.keys(stacks).map((name) => [name, {}])) };
  writeFileSync(join(folder, outdir, "manifest.json"), JSON.stringify(manifest));
}

function localStack(path: string): object {
  return {
    terraform: { backend: { local: { path } } },
    provider: { threefold: [{ network: "devgrid", key_type: "ed25519" }] },
  };
}

/** A stand-in for the binary: only what it is asked and what comes of its answer matters here. */
function binary(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function read(options: { stack?: string; env?: Record<string, string> } = {}) {
  const { stack, env = {} } = options;
  return readProjectStates({ folder, stack, env, signal: new AbortController().signal });
}

describe("states of a CDKTF project", () => {
  test("are read from the file of the local backend, with the provider block of the stack", async () => {
    const path = join(folder, "terraform.web.tfstate");
    project({ web: localStack(path) });
    writeFileSync(path, state("mesh"));
    const [web] = await read();
    expect(web).toMatchObject({ title: "web", provider: { network: "devgrid", key_type: "ed25519" } });
    expect(web?.objects).toEqual([{ type: "threefold_network", attributes: { name: "mesh" }, private: {} }]);
  });

  test("of a stack that was never deployed hold nothing", async () => {
    project({ web: localStack(join(folder, "terraform.web.tfstate")) });
    expect((await read())[0]?.objects).toEqual([]);
  });

  test("are asked from Terraform when the backend is remote", async () => {
    project({ web: { terraform: { backend: { s3: { bucket: "b" } } } } });
    const pull = binary("my-terraform", `echo "$@" > "${folder}/asked"; cat "${folder}/remote"`);
    writeFileSync(join(folder, "remote"), state("far"));
    const [web] = await read({ env: { TERRAFORM_BINARY_NAME: pull, PATH: process.env.PATH ?? "" } });
    expect(web?.objects[0]?.attributes.name).toBe("far");
  });

  test("are asked from OpenTofu when there is no Terraform", async () => {
    project({ web: { terraform: { backend: { s3: { bucket: "b" } } } } });
    binary("tofu", `[ "$2 $3" = "state pull" ] && echo '${state("free")}'`);
    const [web] = await read({ env: { PATH: folder } });
    expect(web?.objects[0]?.attributes.name).toBe("free");
  });

  test("fail with what Terraform said", async () => {
    project({ web: { terraform: { backend: { s3: { bucket: "b" } } } } });
    const pull = binary("my-terraform", "echo 'Backend initialization required' >&2; exit 1");
    await expect(read({ env: { TERRAFORM_BINARY_NAME: pull } })).rejects.toThrow(/Backend initialization required/);
  });

  test("fail with the beginning of what Terraform said, without its colours and frames", async () => {
    project({ web: { terraform: { backend: { s3: { bucket: "b" } } } } });
    const said = `printf '\\033[31m╷\\n│ \\033[1mError: Backend initialization required\\033[0m\\n│ ${"words ".repeat(100)}\\n╵' >&2`;
    const pull = binary("my-terraform", `${said}; exit 1`);
    const failure = await read({ env: { TERRAFORM_BINARY_NAME: pull } }).catch((error: GridError) => error);
    expect(failure).toMatchObject({
      code: "TFG_STATE_UNREADABLE",
      facts: { reason: expect.stringMatching(/^Error: Backend initialization required( words)+ …$/) },
      remedy: expect.stringMatching(/my-terraform init/),
    });
  });

  test("are missed when a stack's directory is gone", async () => {
    project({ web: localStack("a") });
    rmSync(join(folder, "cdktf.out", "stacks", "web"), { recursive: true });
    await expect(read()).rejects.toThrow(
      /stack "web" was synthesised here, but is gone[\s\S]*cdktf synth[\s\S]*TFG_NO_STACK/,
    );
  });

  test("are those of one stack when it is named", async () => {
    project({ web: localStack("a"), db: localStack("b") });
    expect((await read()).map(({ title }) => title)).toEqual(["db", "web"]);
    expect((await read({ stack: "db" })).map(({ title }) => title)).toEqual(["db"]);
    await expect(read({ stack: "dx" })).rejects.toThrow(/no stack "dx"[\s\S]*db, web/);
  });

  test("are looked for where cdktf.json says", async () => {
    writeFileSync(join(folder, "cdktf.json"), JSON.stringify({ output: "build" }));
    project({ web: localStack("a") }, "build");
    expect(await read()).toHaveLength(1);
  });

  test("cannot be read where nothing was synthesised", async () => {
    await expect(read()).rejects.toMatchObject({ code: "TFG_NO_STACK" });
  });
});
