import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";

const FLIST = "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist";

let project: GridProject;
let nodeId: number;

beforeAll(async () => {
  project = await startGridProject();
  nodeId = project.grid.describe().nodes[0]?.nodeId ?? 0;
});
afterAll(() => project?.close());

function machine(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    resource: {
      threefold_project: { main: { name: "shop" } },
      threefold_virtual_machine: {
        web: {
          project: "${threefold_project.main}",
          name: "web",
          node_id: nodeId,
          cpu: 2,
          memory_mib: 2048,
          flist: FLIST,
          entrypoint: "/sbin/zinit init",
          disks: [{ size_gib: 10, mount_point: "/data" }],
          mycelium: true,
          ...change,
        },
      },
    },
  };
}

describe("the life of a virtual machine", () => {
  let contractId: unknown;
  let addresses: unknown[];

  test("creates it with the hash that was planned, and runs", async () => {
    project.write(machine());
    await project.terraform.apply();
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    expect(web).toMatchObject({ status: "ok", ip: "10.20.2.2", identity: "web" });
    expect(web?.mycelium_ip).toMatch(/^[45]/);
    contractId = web?.contract_id;
    addresses = [web?.ip, web?.mycelium_ip];
    expect(contractId).toMatch(/^\d+$/);
  });

  test("plans nothing the second time", async () => {
    const { changes } = await project.terraform.plan();
    expect(changes).toEqual([]);
  });

  test("rebuilds it in place: contract, disk and addresses are the same", async () => {
    project.write(machine({ cpu: 4 }));
    const { changes, diagnostics } = await project.terraform.plan();
    expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
    expect(diagnostics.map(({ summary }) => summary)).toContain("virtual machine web will be rebuilt in place");
    await project.terraform.apply("saved.tfplan");
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    expect(web).toMatchObject({ status: "ok", cpu: 4, contract_id: contractId });
    expect([web?.ip, web?.mycelium_ip]).toEqual(addresses);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("grows its disk in place", async () => {
    project.write(machine({ cpu: 4, disks: [{ size_gib: 20, mount_point: "/data" }] }));
    await project.terraform.apply();
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    expect(web).toMatchObject({ status: "ok", contract_id: contractId });
  });

  test("replaces it when a disk would shrink", async () => {
    project.write(machine({ cpu: 4, disks: [{ size_gib: 5, mount_point: "/data" }] }));
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ actions }) => actions)).toEqual([["delete", "create"]]);
    expect(changes[0]?.replacePaths).toEqual([["disks"]]);
  });

  test("replaces it when its generation is another one, and an import finds which it is", async () => {
    const second = machine({ cpu: 4, generation: "2", disks: [{ size_gib: 20, mount_point: "/data" }] });
    project.write(second);
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ actions, replacePaths }) => [actions, replacePaths])).toEqual([
      [["delete", "create"], [["generation"]]],
    ]);
    await project.terraform.apply("saved.tfplan");
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    expect(web).toMatchObject({ status: "ok", identity: "web", ip: "10.20.2.2" });
    expect(web?.contract_id).not.toBe(contractId);
    contractId = web?.contract_id;
    await project.terraform.succeed("state", "rm", "threefold_virtual_machine.web");
    await project.terraform.succeed("import", "-no-color", "threefold_virtual_machine.web", String(contractId));
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("changes labels only when it is renamed", async () => {
    const renamed = machine({
      cpu: 4,
      name: "front",
      generation: "2",
      disks: [{ size_gib: 20, mount_point: "/data" }],
    });
    project.write(renamed);
    await project.terraform.apply();
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    const contract = project.grid.chain.getContract(Number(contractId));
    expect(contract?.kind === "node" && contract.deploymentData).toContain('"projectName":"vm/front"');
    expect(web).toMatchObject({ name: "front", identity: "web", contract_id: contractId, status: "ok" });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is imported by its contract, and the plan after it is empty", async () => {
    await project.terraform.succeed("state", "rm", "threefold_virtual_machine.web");
    await project.terraform.succeed("import", "-no-color", "threefold_virtual_machine.web", String(contractId));
    const { changes } = await project.terraform.plan();
    expect(changes).toEqual([]);
  });

  test("leaves nothing behind when it is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
