import "../support/setup";
import { Testing } from "cdktf";
import {
  GridStack,
  Image,
  JoinedMesh,
  type JoinedMeshProps,
  NetworkMesh,
  Placement,
  Size,
  VirtualMachine,
} from "../../lib";

const gridStack = () => new GridStack(Testing.app(), "ci", { network: "devgrid", project: "ci" });

const shared = { contractId: "4711", block: "ci", numbers: { runner: 200, cache: 201 } };
const minimal = { cpu: 1, memory: Size.gib(1), image: Image.ubuntu("24.04") };

describe("a joined mesh", () => {
  it("gives machines the addresses of their nodes with the numbers of the block, where the node is a member", () => {
    const stack = gridStack();
    const mesh = new JoinedMesh(stack, "mesh", shared);
    new VirtualMachine(stack, "runner", { ...minimal, mesh, placement: Placement.node(11) });
    const synth = JSON.parse(Testing.synth(stack));
    const node = "${threefold_placement.placement.nodes.runner.node_id}";
    const machine = synth.resource.threefold_virtual_machine.runner;
    expect(machine.network).toEqual({
      name: "${data.threefold_network.mesh.network_name}",
      ip: expect.stringMatching(
        /^\$\{cidrhost\(lookup\(data\.threefold_network\.mesh\.subnets, .*, "0\.0\.0\.0\/24"\), 200\)\}$/,
      ),
    });
    expect(machine.lifecycle.precondition[0].condition).toContain(
      "contains(keys(data.threefold_network.mesh.subnets), format(",
    );
    expect(machine.node_id).toBe(node);
    expect(synth.data.threefold_network.mesh).toMatchObject({ contract_id: "4711" });
    expect(synth.resource.threefold_network).toBeUndefined();
  });

  it.each<[string, Partial<JoinedMeshProps>, RegExp]>([
    [
      "a number that no machine can have",
      { numbers: { runner: 1 } },
      /numbers\.runner cannot be 1[\s\S]*from 2 to 254/,
    ],
    ["a number twice", { numbers: { a: 9, b: 9 } }, /numbers\.b cannot be 9[\s\S]*another number than that of a/],
  ])("refuses %s", (_title, change, message) => {
    expect(() => new JoinedMesh(gridStack(), "mesh", { ...shared, ...change })).toThrow(message);
  });

  it("refuses a machine without a number", () => {
    const stack = gridStack();
    const mesh = new JoinedMesh(stack, "mesh", shared);
    expect(() => new VirtualMachine(stack, "other", { ...minimal, mesh })).toThrow(/"other" has no number in the mesh/);
  });

  it("lets no gateway into another stack's mesh", () => {
    const stack = gridStack();
    const runner = new VirtualMachine(stack, "runner", { ...minimal, mesh: new JoinedMesh(stack, "mesh", shared) });
    expect(() => runner.http(80)).toThrow(
      /No gateway can reach[\s\S]*its only address is in ci\/mesh, a mesh of another stack[\s\S]*Fix: give the machine mycelium/,
    );
    expect(() => runner.http(80)).not.toThrow(/a network of its own|give the machine a mesh/);
    const mesh = new JoinedMesh(stack, "joined", { ...shared, numbers: { open: 200 } });
    const open = new VirtualMachine(stack, "open", { ...minimal, mesh, mycelium: true });
    expect(() => open.http(80, { over: "mesh" })).toThrow(
      /over mesh[\s\S]*reached over {2}mycelium[\s\S]*leave over out/,
    );
    const web = new VirtualMachine(stack, "web", { ...minimal, mesh: new NetworkMesh(stack, "own") });
    expect(web.http(80).mesh).toBeDefined();
  });
});
