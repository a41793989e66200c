import { parseWorkload } from "../../../lib/model/deployment";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, machine, PROJECT, stack, zdb } from "../../support/grid-stack";

const NODE = 1;
const GIB = 1024 ** 3;
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

const store = (change: Block = {}) => stack(PROJECT, { threefold_zdb: { db: zdb(NODE, change) } });

const state = async () => (await project.terraform.attributes("threefold_zdb.db")) ?? {};

/** A workload as the node has it. */
function onNode(contractId: unknown, name: string) {
  const record = project.grid.nodes
    .get(NODE)
    ?.snapshot()
    .deployments.find((each) => each.contractId === Number(contractId));
  const current = record?.changes.findLast((entry) => entry.name === name);
  if (!current) throw new Error(`node ${NODE} has no ${name} under contract ${contractId}`);
  return parseWorkload(current, name);
}

function zdbOnNode(contractId: unknown) {
  const workload = onNode(contractId, "db");
  if (workload.type !== "zdb") throw new Error("db is no zdb");
  return workload.data;
}

describe("the life of a zdb", () => {
  let first: Record<string, unknown>;
  let password: string;

  test("is created with a password that only the node is told", async () => {
    project.write(store());
    const { changes } = await project.terraform.plan();
    const planned = changes.find(({ address }) => address === "threefold_zdb.db")?.after;
    expect(planned).toMatchObject({ mode: "user", public: false, password: "derive:zdb-password/db/1@shop" });
    await project.terraform.apply("saved.tfplan");
    first = await state();
    expect(first).toMatchObject({ status: "ok", port: 9900, content_hash: planned?.content_hash });
    expect(first.deployment_hash).toBe(first.content_hash);
    expect(first.addresses).toEqual([first.public_ipv6, first.planetary_ip, first.mycelium_ip].map(String).sort());
    expect([first.mycelium_ip, first.planetary_ip]).toEqual([
      expect.stringMatching(/^[45][\da-f]{2}:/),
      expect.stringMatching(/^[23][\da-f]{2}:/),
    ]);
    const data = zdbOnNode(first.contract_id);
    expect(data).toMatchObject({ size: 5 * GIB, mode: "user", public: false });
    password = data.password;
    expect(password.length).toBeGreaterThanOrEqual(16);
  });

  test("plans nothing the second time", async () => {
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test.each<[string, Block, Block]>([
    ["grows", { size_gib: 8 }, { size: 8 * GIB, public: false }],
    ["is opened for reading", { size_gib: 8, public: true }, { size: 8 * GIB, public: true }],
    ["is closed again", { size_gib: 8 }, { size: 8 * GIB, public: false }],
  ])("%s in place", async (_, change, expected) => {
    project.write(store(change));
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
    await project.terraform.apply("saved.tfplan");
    expect(await state()).toMatchObject({ status: "ok", contract_id: first.contract_id, namespace: first.namespace });
    expect(zdbOnNode(first.contract_id)).toMatchObject({ ...expected, password });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("hands its password to a machine that refers to it", async () => {
    project.write(
      stack(store({ size_gib: 8 }).resource, {
        threefold_virtual_machine: {
          web: machine(NODE, { secret_env: { ZDB_PASSWORD: "${threefold_zdb.db.password}" } }),
        },
      }),
    );
    await project.terraform.apply();
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    const workload = onNode(web?.contract_id, "web");
    expect(workload.type === "zmachine" && workload.data.env).toEqual({ ZDB_PASSWORD: password });
    expect(web?.secret_env).toEqual({ ZDB_PASSWORD: "derive:zdb-password/db/1@shop" });
  });

  test("gets a new password in place, and the machine with it", async () => {
    const config = stack(store({ size_gib: 8, password_version: 2 }).resource, {
      threefold_virtual_machine: {
        web: machine(NODE, { secret_env: { ZDB_PASSWORD: "${threefold_zdb.db.password}" } }),
      },
    });
    project.write(config);
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ address, actions }) => [address, actions])).toEqual([
      ["threefold_virtual_machine.web", ["update"]],
      ["threefold_zdb.db", ["update"]],
    ]);
    await project.terraform.apply("saved.tfplan");
    const fresh = zdbOnNode(first.contract_id).password;
    expect(fresh).not.toBe(password);
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    const workload = onNode(web?.contract_id, "web");
    expect(workload.type === "zmachine" && workload.data.env).toEqual({ ZDB_PASSWORD: fresh });
    expect((await project.terraform.plan()).changes).toEqual([]);
    password = fresh;
  });

  test("is imported by its contract, and the plan after it is empty", async () => {
    project.write(store({ size_gib: 8, password_version: 2 }));
    await project.terraform.apply();
    await project.terraform.succeed("state", "rm", "threefold_zdb.db");
    await project.terraform.succeed("import", "-no-color", "threefold_zdb.db", String(first.contract_id));
    expect((await project.terraform.plan()).changes).toEqual([]);
    expect(zdbOnNode(first.contract_id).password).toBe(password);
  });

  test("is replaced when it would shrink or change its mode, for its data would be lost", async () => {
    project.write(store({ size_gib: 4, password_version: 2 }));
    const shrunk = await project.terraform.plan();
    expect(shrunk.changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["size_gib"]] });
    project.write(store({ size_gib: 8, password_version: 2, mode: "seq" }));
    const { changes } = await project.terraform.plan();
    expect(changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["mode"]] });
    await project.terraform.apply("saved.tfplan");
    const after = await state();
    expect(after).toMatchObject({ status: "ok", mode: "seq" });
    expect(after.contract_id).not.toBe(first.contract_id);
    expect(leftovers(project.grid).contracts).toEqual([Number(after.contract_id)]);
  });

  test("leaves nothing behind when it is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
