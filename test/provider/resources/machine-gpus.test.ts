import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, machine, PROJECT, stack } from "../../support/grid-stack";
import { type SecondClient, secondClient } from "../../support/second-client";

/** The node with graphics cards, of the dedicated farm. */
const NODE = 11;
const AMD = "0000:28:00.0/1002/731f";
const NVIDIA = "0000:41:00.0/10de/2204";
const ABSENT = "0000:99:00.0/10de/2204";

let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

const WEB = "threefold_virtual_machine.web";

function write(machines: Readonly<Record<string, Block>>): void {
  const named = Object.entries(machines).map(([name, change]) => [name, machine(NODE, { name, ...change })] as const);
  project.write({
    ...stack(PROJECT, named.length > 0 ? { threefold_virtual_machine: Object.fromEntries(named) } : {}),
    data: { threefold_node_gpus: { cards: { node_id: NODE } } },
  });
}

/** Cards as the data source lists them. */
async function listed() {
  const cards = await project.terraform.attributes("data.threefold_node_gpus.cards");
  return cards && { gpus: cards.gpus, free: cards.free };
}

const machineState = (name = "web") => project.terraform.attributes(`threefold_virtual_machine.${name}`);

/** Cards of a machine as its node has them. */
function gpusOnNode(contractId: unknown): unknown {
  const deployments = project.grid.nodes.get(NODE)?.snapshot().deployments ?? [];
  const record = deployments.find((each) => each.contractId === Number(contractId));
  const data = record?.changes.findLast(({ type }) => type === "zmachine")?.data;
  return parseGpuList(data);
}

function parseGpuList(data: unknown): unknown {
  return typeof data === "object" && data !== null && "gpu" in data ? data.gpu : undefined;
}

/** What was said while planning, and why the apply was refused. */
async function refused(): Promise<{ readonly warned: string; readonly said: string }> {
  const { diagnostics } = await project.terraform.plan();
  const result = await project.terraform.run("apply", "-json", "-auto-approve", "-no-color");
  const text = (items: typeof diagnostics) => items.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
  return { warned: text(diagnostics), said: text(result.diagnostics.filter(({ severity }) => severity === "error")) };
}

describe("a machine with graphics cards", () => {
  let rentId: number;
  let holder: string;
  let first: Record<string, unknown>;
  let client: SecondClient;

  beforeAll(async () => {
    client = await secondClient(project.grid);
  });
  afterAll(() => client?.close());

  test("is refused before anything is paid on a node that nobody rents, and the plan warns", async () => {
    write({ web: { gpus: [AMD] } });
    const { warned, said } = await refused();
    for (const text of [warned, said]) {
      expect(text).toContain(`node ${NODE}, which this account does not rent`);
      expect(text).toContain("rented by         nobody");
    }
    expect(said).toContain("usage of GPU is not allowed unless node is rented");
    expect(said).toContain("[TFG_GPU]");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test("finds the cards of the node it rents, all free", async () => {
    const [made] = await (await client.clients.chain()).submit([{ kind: "createRentContract", nodeId: NODE }]);
    rentId = made?.contractId ?? 0;
    write({});
    await project.terraform.apply();
    expect(await listed()).toMatchObject({
      gpus: [
        { id: AMD, memory_mib: 6144, contract_id: "0" },
        { id: NVIDIA, vendor: "NVIDIA Corporation", contract_id: "0" },
      ],
      free: [AMD, NVIDIA],
    });
  });

  test("is refused a card that the node has not, with those it has", async () => {
    write({ web: { gpus: [NVIDIA, ABSENT] } });
    const { warned, said } = await refused();
    for (const text of [warned, said]) {
      expect(text).toContain(`Node ${NODE} has no graphics card ${ABSENT}`);
      expect(text).toContain("GeForce RTX 3090");
    }
    expect(leftovers(project.grid).contracts).toEqual([rentId]);
  });

  test("is created with a free card, and nobody warns", async () => {
    write({ web: { gpus: [AMD] } });
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics).toEqual([]);
    await project.terraform.apply("saved.tfplan");
    first = (await machineState()) ?? {};
    expect(first).toMatchObject({ status: "ok", gpus: [AMD] });
    expect(first.deployment_hash).toBe(first.content_hash);
    expect(gpusOnNode(first.contract_id)).toEqual([AMD]);
    expect((await project.terraform.plan()).changes).toEqual([]);
    await project.terraform.succeed("apply", "-refresh-only", "-auto-approve", "-no-color");
    expect(await listed()).toMatchObject({ gpus: [{ contract_id: first.contract_id }, {}], free: [NVIDIA] });
  });

  test("is taken over with its card when state has lost it, and nobody warns of the card", async () => {
    await project.terraform.succeed("state", "rm", WEB);
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics).toEqual([]);
    await project.terraform.apply("saved.tfplan");
    expect(await machineState()).toMatchObject({ status: "ok", contract_id: first.contract_id, gpus: [AMD] });
    expect((await project.terraform.plan()).changes).toEqual([]);
    first = (await machineState()) ?? {};
  });

  test("has its card for itself", async () => {
    write({ web: { gpus: [AMD] }, rival: { gpus: [AMD] } });
    const { diagnostics } = await project.terraform.fail("plan");
    expect(diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join()).toMatch(
      /gpus\[0\] cannot be[\s\S]*virtual_machine\/(web|rival) has it already/,
    );
  });

  test("is refused a card that another machine has, and goes on with its own", async () => {
    write({ web: { gpus: [AMD] }, holder: { gpus: [NVIDIA] } });
    await project.terraform.apply();
    holder = String((await machineState("holder"))?.contract_id);
    await project.terraform.succeed("state", "rm", "threefold_virtual_machine.holder");
    write({ web: { gpus: [NVIDIA] } });
    const { warned, said } = await refused();
    for (const text of [warned, said]) expect(text).toContain(`Graphics card ${NVIDIA} of node ${NODE} is in use`);
    expect(said).toContain(`contract ${holder}`);
    expect(gpusOnNode(first.contract_id)).toEqual([AMD]);
  });

  test("is imported with its cards, and the plan after it is empty", async () => {
    write({ web: { gpus: [AMD] }, holder: { gpus: [NVIDIA] } });
    await project.terraform.succeed("import", "-no-color", "threefold_virtual_machine.holder", holder);
    await project.terraform.apply();
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("changes its cards by a rebuild in place", async () => {
    write({ web: { gpus: [AMD] }, holder: {} });
    await project.terraform.apply();
    write({ web: { gpus: [AMD, NVIDIA] }, holder: {} });
    const { changes, diagnostics } = await project.terraform.plan();
    expect(changes.map(({ address, actions }) => [address, actions])).toEqual([[WEB, ["update"]]]);
    expect(diagnostics.map(({ summary }) => summary)).toEqual(["virtual machine web will be rebuilt in place"]);
    await project.terraform.apply("saved.tfplan");
    expect(await machineState()).toMatchObject({ status: "ok", contract_id: first.contract_id });
    expect(gpusOnNode(first.contract_id)).toEqual([AMD, NVIDIA]);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is not ended for one whose cards cannot be had", async () => {
    write({ web: { gpus: [AMD, ABSENT], public_ipv4: true }, holder: {} });
    const { said } = await refused();
    expect(said).toContain("[TFG_REPLACEMENT]");
    expect(said).toContain(ABSENT);
    expect(gpusOnNode(first.contract_id)).toEqual([AMD, NVIDIA]);
  });

  test("leaves the cards free when it is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual({ contracts: [rentId], deployments: [] });
    write({});
    await project.terraform.apply();
    expect(await listed()).toMatchObject({ free: [AMD, NVIDIA] });
  });
});
