import { parseWorkload } from "../../../lib/model/deployment";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, machine, PROJECT, stack } from "../../support/grid-stack";

const NODE = 1;
const WEB = "threefold_virtual_machine.web";
const FIRST = "wss://logs.example.com/web";
const SECOND = "redis://10.20.2.9:6379";

let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

const write = (change: Block) =>
  project.write(stack(PROJECT, { threefold_virtual_machine: { web: machine(NODE, change) } }));

const state = async () => (await project.terraform.attributes(WEB)) ?? {};

/** Everything the node runs for the machine, with its last word about each. */
function onNode() {
  const [record] = project.grid.nodes.get(NODE)?.snapshot().deployments ?? [];
  return (record?.active ?? []).map(({ name }) =>
    parseWorkload(
      record?.changes.findLast((entry) => entry.name === name),
      name,
    ),
  );
}

const targets = () => onNode().flatMap((each) => (each.type === "zlogs" ? [each.data.output] : []));
const machineCreated = () => onNode().find(({ type }) => type === "zmachine")?.result.created;

async function applyInPlace(): Promise<string[]> {
  const { changes, diagnostics } = await project.terraform.plan();
  expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
  await project.terraform.apply("saved.tfplan");
  expect((await project.terraform.plan()).changes).toEqual([]);
  return diagnostics.map(({ summary }) => summary);
}

describe("the log streams of a machine", () => {
  let contractId: unknown;

  test("are made with it", async () => {
    write({ logs: [FIRST] });
    await project.terraform.apply();
    contractId = (await state()).contract_id;
    expect(targets()).toEqual([FIRST]);
    expect(onNode().map(({ result }) => result.state)).toEqual(["ok", "ok", "ok"]);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("change without touching it", async () => {
    const created = machineCreated();
    write({ logs: [FIRST, SECOND] });
    expect(await applyInPlace()).toEqual([]);
    expect(targets().sort()).toEqual([SECOND, FIRST].sort());
    write({ logs: [SECOND] });
    expect(await applyInPlace()).toEqual([]);
    expect(targets()).toEqual([SECOND]);
    expect(machineCreated()).toBe(created);
  });

  test("come back with it when it is rebuilt, with corex this time", async () => {
    write({ logs: [SECOND], corex: true });
    expect(await applyInPlace()).toEqual(["virtual machine web will be rebuilt in place"]);
    expect(await state()).toMatchObject({ status: "ok", contract_id: contractId, corex: true });
    expect(targets()).toEqual([SECOND]);
    expect(onNode().find(({ type }) => type === "zmachine")?.data).toMatchObject({ corex: true });
  });

  test("are imported with it", async () => {
    await project.terraform.succeed("state", "rm", WEB);
    await project.terraform.succeed("import", "-no-color", WEB, String(contractId));
    expect((await project.terraform.plan()).changes).toEqual([]);
    expect(await state()).toMatchObject({ logs: [SECOND], corex: true });
  });

  test("go, and the machine stays", async () => {
    write({ corex: true });
    await applyInPlace();
    expect(targets()).toEqual([]);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
