/** Canaries: secrets that are looked for, in several spellings, everywhere a stranger might look. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "../../lib/core/secret";
import { KeyDerivation } from "../../lib/model/key-derivation";
import { createKeyPair } from "../../lib/model/key-pair";
import { accessKeys } from "../../lib/provider/resources/network/keys";
import { type GridProject, startPackagedProject } from "../support/grid-project";
import {
  type Block,
  deployment,
  gatewayFqdn,
  gatewayName,
  joined,
  machine,
  mesh,
  PROJECT,
  stack,
  zdb,
} from "../support/grid-stack";
import { type PackagedProvider, packageProvider } from "../support/packaged-provider";
import { secondClient } from "../support/second-client";
import type { TerraformResult } from "../support/terraform";
import { zipEntries } from "../support/zip-entries";

const NODE = 1;
const CANARY = {
  env: "canary-env-Zq7Wm2Xk",
  file: "canary-file-Jh5Tn8Pd",
  raw: "canary-raw-Tw8Kf1Qz",
  writeOnly: "canary-wo-Rv3Bc9Ls",
  writeOnlyNext: "canary-wo2-Yg6Df4Ne",
};

let packaged: PackagedProvider;
let project: GridProject;
/** Everything Terraform and the provider ever said. */
const said: string[] = [];

beforeAll(async () => {
  packaged = await packageProvider();
  project = await startPackagedProject(packaged);
  await project.grid.control("dev.setDns", "www.example.org", ["185.206.122.31"]);
  const { env, dir } = project.terraform;
  env.CANARY_ENV = CANARY.env;
  env.CANARY_RAW = CANARY.raw;
  env.TF_VAR_token = CANARY.writeOnly;
  env.TF_LOG = "TRACE";
  env.TF_LOG_PATH = join(dir, "terraform.log");
  writeFileSync(join(dir, "secret.txt"), `${CANARY.file}\n`);
});
afterAll(async () => {
  await project?.close();
  packaged?.remove();
});

/** Secrets in places that know them and in free text. */
function rawWorkloads(sizeGib: number): unknown[] {
  const password = { $secret: "env:CANARY_RAW" };
  const data = { size: sizeGib * 1024 ** 3, mode: "user", password };
  return [{ name: "rawdb", type: "zdb", data, description: { $secret: "env:CANARY_RAW" } }];
}

function config(change: Block = {}, rawGib = 1): Record<string, unknown> {
  return {
    variable: { token: { type: "string", ephemeral: true } },
    ...stack(PROJECT, {
      threefold_network: { mesh: mesh({ web: NODE }, { access: ["laptop"] }) },
      threefold_zdb: { db: zdb(NODE) },
      threefold_gateway_name: { www: gatewayName(NODE) },
      threefold_gateway_fqdn: { www: gatewayFqdn(NODE) },
      threefold_deployment: { raw: deployment(NODE, rawWorkloads(rawGib)) },
      threefold_virtual_machine: {
        web: machine(NODE, {
          network: joined("web"),
          mycelium: true,
          secret_env: {
            DB: "${threefold_zdb.db.password}",
            FROM_ENV: "env:CANARY_ENV",
            FROM_FILE: `file:${join(project.terraform.dir, "secret.txt")}`,
          },
          quantum_storage: [fileSystem()],
          secret_env_wo: { TOKEN: "${var.token}" },
          secret_env_wo_version: 1,
          ...change,
        }),
      },
    }),
  };
}

/** One namespace of the stack, the others of somebody else: their passwords come from outside. */
function fileSystem(): Block {
  const backend = (namespace: string, password: string) => ({ address: "[300:e9c4::1]:9900", namespace, password });
  return {
    mount_point: "/qsfs",
    key: "derive:qsfs-key/files/1",
    minimal_shards: 1,
    expected_shards: 1,
    metadata: ["a", "b", "c", "d"].map((name) => backend(`9-1-${name}`, "env:CANARY_ENV")),
    groups: [{ backends: [backend("${threefold_zdb.db.namespace}", "${threefold_zdb.db.password}")] }],
  };
}

function heard(result: TerraformResult): TerraformResult {
  said.push(result.stdout, result.stderr);
  return result;
}

/** Every secret there is: what the nodes were told, what only the account knows, and what the user gave. */
async function currentSecrets(): Promise<Map<string, string>> {
  const found = new Map<string, string>(Object.entries(CANARY));
  const mnemonic = project.grid.describe().mnemonic;
  const { miniSecret } = await createKeyPair(new Secret(mnemonic), "sr25519");
  found.set("mnemonic", mnemonic);
  found.set("mini-secret", miniSecret.reveal());
  const keys = new KeyDerivation(miniSecret, project.grid.chain.genesisHash, "shop");
  found.set("private key of the laptop", accessKeys(keys, "mesh", "laptop").privateKey);
  found.set("key of the storage", keys.hexKey({ kind: "qsfs-key", identity: "files" }).reveal());
  for (const version of [1, 2]) {
    const password = keys.password({ kind: "zdb-password", identity: "db", version });
    found.set(`zdb password ${version}`, password.reveal());
  }
  for (const [nodeId, node] of project.grid.nodes) {
    for (const { contractId, header, changes } of node.snapshot().deployments) {
      found.set(`salt of ${contractId}`, header.description);
      for (const { name, data } of changes) collect(data, `${nodeId}/${contractId}/${name}`, found);
    }
  }
  return found;
}

const SECRET_FIELDS = ["password", "wireguard_private_key", "hex_key", "hex_seed", "key"];

function collect(value: unknown, where: string, into: Map<string, string>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (SECRET_FIELDS.includes(name) && typeof item === "string") into.set(`${where} ${name}`, item);
    collect(item, where, into);
  }
}

/** A secret as it stands and as it may hide: hexadecimal and base64, at each of the three positions within base64. */
function spellings(secret: string): string[] {
  const raw = Buffer.from(secret, "utf8");
  const bytes = [raw];
  if (/^[0-9a-f]{12,}$/.test(secret)) bytes.push(Buffer.from(secret, "hex"));
  if (/^[A-Za-z0-9+/]{43}=$/.test(secret)) bytes.push(Buffer.from(secret, "base64"));
  const base64 = bytes.flatMap((each) =>
    [0, 1, 2].map((shift) => {
      const text = Buffer.concat([Buffer.alloc(shift), each]).toString("base64");
      // The first and last digits also encode bits of the neighbours.
      return text.slice(shift === 0 ? 0 : 4, -4);
    }),
  );
  return [secret, ...bytes.map((each) => each.toString("hex")), ...base64].filter((text) => text.length >= 12);
}

/** Everything a stranger might see, by where. Later looks do not replace what earlier ones saw. */
const seen = new Map<string, string>();
const secrets = new Map<string, string>();

/** Keeps what there is to see now, and the secrets there are to look for now. */
async function look(): Promise<void> {
  const { dir } = project.terraform;
  const round = seen.size;
  const names = readdirSync(dir).filter((name) => /\.(json|tfstate|backup|tfplan|hcl)$/.test(name));
  for (const name of names) {
    const bytes = readFileSync(join(dir, name));
    const parts = name.endsWith(".tfplan") ? zipEntries(bytes) : new Map([["", bytes]]);
    for (const [part, content] of parts) seen.set(`${name} ${part} ${round}`, content.toString("latin1"));
  }
  const contracts = project.grid.chain.listContracts().map((contract) => JSON.stringify(contract));
  seen.set(`the chain ${round}`, contracts.join("\n"));
  for (const [name, secret] of await currentSecrets()) secrets.set(`${name} ${round}`, secret);
}

/** Where secrets were found; empty when all is well. */
function leaks(): string[] {
  const log = readFileSync(join(project.terraform.dir, "terraform.log"), "latin1");
  const places = [...seen, ["what was said", said.join("\n")], ["the log", log]] as const;
  const hidden = [...secrets].map(([name, secret]) => ({ name, texts: spellings(secret) }));
  return places.flatMap(([place, text]) => {
    const shown = withDecoded(text);
    return hidden
      .filter(({ texts }) => texts.some((each) => shown.includes(each)))
      .map(({ name }) => `${name} in ${place}`);
  });
}

/** The text, and whatever in it is base64, decoded: private data of providers is kept so. */
function withDecoded(text: string): string {
  const decoded = [...text.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].map(([match]) =>
    Buffer.from(match, "base64").toString("latin1"),
  );
  return [text, ...decoded].join("\n");
}

describe("no secret gets anywhere but to its node", () => {
  test("while a stack is planned and made", async () => {
    project.write(config());
    heard(await project.terraform.run("plan", "-out=saved.tfplan"));
    heard(await project.terraform.succeed("show", "-json", "saved.tfplan"));
    heard(await project.terraform.apply("saved.tfplan"));
    heard(await project.terraform.succeed("show", "-json"));
    expect(onlyWorkload("web")).toMatchObject({
      FROM_ENV: CANARY.env,
      FROM_FILE: CANARY.file,
      TOKEN: CANARY.writeOnly,
    });
    await look();
  });

  test("while values change: each change is noticed without being shown", async () => {
    project.terraform.env.TF_VAR_token = CANARY.writeOnlyNext;
    writeFileSync(join(project.terraform.dir, "secret.txt"), `${CANARY.file}-2\n`);
    project.terraform.env.CANARY_RAW = `${CANARY.raw}-2`;
    project.write(config({ secret_env_wo_version: 2 }));
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ address }) => address)).toEqual([
      "threefold_deployment.raw",
      "threefold_virtual_machine.web",
    ]);
    heard(await project.terraform.apply("saved.tfplan"));
    expect(onlyWorkload("web")).toMatchObject({ FROM_FILE: `${CANARY.file}-2`, TOKEN: CANARY.writeOnlyNext });
    expect((await project.terraform.plan()).changes).toEqual([]);
    await look();
  });

  test("while things fail, and errors quote what went wrong", async () => {
    project.grid.nodes.get(NODE)?.failNext({ command: "zos.deployment.update", message: "the node is in a bad mood" });
    project.write(config({ secret_env_wo_version: 2, cpu: 2 }));
    heard(await project.terraform.fail("apply"));
    project.grid.nodes.get(NODE)?.failNext({ workloadType: "zmachine", message: "no kernel" });
    heard(await project.terraform.fail("apply"));
    heard(await project.terraform.apply());
    project.write(config({ secret_env_wo_version: 2, cpu: 2 }, 2));
    project.grid.nodes.get(NODE)?.failNext({ command: "zos.deployment.update", message: "no room" });
    heard(await project.terraform.fail("apply"));
    heard(await project.terraform.apply());
    delete project.terraform.env.CANARY_ENV;
    heard(await project.terraform.run("plan"));
    project.terraform.env.CANARY_ENV = CANARY.env;
    project.terraform.env.THREEFOLD_MNEMONIC = `${project.grid.describe().mnemonic} extra`;
    heard(await project.terraform.fail("plan"));
    project.terraform.env.THREEFOLD_MNEMONIC = project.grid.describe().mnemonic;
    expect(said.join("\n")).toContain("the node is in a bad mood");
    await look();
  });

  test("while drift is found, objects are imported and all is destroyed", async () => {
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    const db = await project.terraform.attributes("threefold_zdb.db");
    const byName = await project.terraform.attributes("threefold_gateway_name.www");
    const byDomain = await project.terraform.attributes("threefold_gateway_fqdn.www");
    const raw = await project.terraform.attributes("threefold_deployment.raw");
    const other = await secondClient(project.grid);
    await other.update(Number(db?.contract_id), (workload) =>
      workload.type === "zdb" ? { ...workload, data: { ...workload.data, public: true } } : workload,
    );
    await other.close();
    heard(await project.terraform.run("plan"));
    for (const [address, id] of [
      ["threefold_virtual_machine.web", web?.contract_id],
      ["threefold_zdb.db", db?.contract_id],
      ["threefold_gateway_name.www", byName?.contract_id],
      ["threefold_gateway_fqdn.www", byDomain?.contract_id],
      ["threefold_deployment.raw", raw?.contract_id],
    ]) {
      heard(await project.terraform.succeed("state", "rm", String(address)));
      heard(await project.terraform.succeed("import", "-no-color", String(address), String(id)));
    }
    heard(await project.terraform.succeed("plan", "-out=saved.tfplan"));
    heard(await project.terraform.succeed("show", "-json"));
    await look();
    heard(await project.terraform.destroy());
    await look();
  });

  test("looking for every secret in everything that was seen", () => {
    const places = [...seen.keys()].join("\n");
    for (const name of [
      "main.tf.json",
      "terraform.tfstate ",
      "terraform.tfstate.backup",
      "saved.tfplan tfplan",
      "the chain",
    ]) {
      expect(places).toContain(name);
    }
    const names = [...secrets.keys()].join("\n");
    for (const field of [...SECRET_FIELDS, "mnemonic", "mini-secret", "salt"]) expect(names).toContain(field);
    const log = readFileSync(join(project.terraform.dir, "terraform.log"), "utf8");
    expect(log).toContain("contract made");
    expect(said.join("\n")).toContain("env:CANARY_ENV");
    expect(leaks()).toEqual([]);
  });
});

/** Environment of the machine as its node was told. */
function onlyWorkload(name: string): unknown {
  const deployments = project.grid.nodes.get(NODE)?.snapshot().deployments ?? [];
  const entry = deployments.flatMap(({ changes }) => changes).findLast((change) => change.name === name);
  return (entry?.data as { env?: unknown } | undefined)?.env;
}

test("the search finds a secret however it is written", () => {
  const secret = "0123456789abcdef0123456789abcdef";
  for (const hidden of [
    secret,
    Buffer.from(secret).toString("hex"),
    Buffer.from(`x${secret}`).toString("base64"),
    Buffer.from(`xy${secret}z`).toString("base64"),
    Buffer.from(secret, "hex").toString("base64"),
  ]) {
    expect(spellings(secret).some((spelling) => hidden.includes(spelling))).toBe(true);
  }
});
