/** Every kind of change of every kind of resource, as stories for the sweep. */
import {
  dedicatedNode,
  deployment,
  gatewayName,
  joined,
  machine,
  mesh,
  PROJECT,
  type Resources,
  stack,
  zdb,
} from "../grid-stack";
import type { Story } from "./sweep";

const one = (type: string, block: Resources[string][string]) => stack(PROJECT, { [type]: { it: block } });

/** Creation, each kind of change, and the end of one resource. */
function lifeOf(
  title: string,
  type: string,
  block: Resources[string][string],
  changes: Readonly<Record<string, Resources[string][string]>>,
): Story[] {
  const before = one(type, block);
  return [
    { title: `${title}: create`, after: before },
    ...Object.entries(changes).map(([name, change]) => ({
      title: `${title}: ${name}`,
      before,
      after: one(type, change),
    })),
    { title: `${title}: delete`, before, after: stack(PROJECT) },
  ];
}

const first = { create_before_destroy: true };
const disks = [{ size_gib: 1, mount_point: "/data" }];
const volume = (sizeGib: number) => [{ name: "store", type: "volume", data: { size: sizeGib * 2 ** 30 } }];

const hosts = { web: 1, api: 2 };
const inMesh = (hostsNow: Readonly<Record<string, number>>, cpu = 1) =>
  stack(PROJECT, {
    threefold_network: { mesh: mesh(hostsNow) },
    threefold_virtual_machine: { web: machine(1, { cpu, network: joined("web") }) },
    threefold_zdb: { db: zdb(2) },
  });

/** Ten machines on the mesh of their nodes. */
export function bigStack(cpu = 1) {
  const nodes = [1, 2, 4, 1, 2, 4, 1, 2, 4, 1];
  const names = nodes.map((_, index) => `m${index}`);
  return stack(PROJECT, {
    threefold_network: { mesh: mesh(Object.fromEntries(names.map((name, index) => [name, nodes[index] as number]))) },
    threefold_virtual_machine: Object.fromEntries(
      names.map((name, index) => [name, machine(nodes[index] as number, { name, cpu, network: joined(name) })]),
    ),
  });
}

/** All of them. */
export const STORIES: readonly Story[] = [
  ...lifeOf("zdb", "threefold_zdb", zdb(1), {
    update: zdb(1, { size_gib: 6 }),
    replace: zdb(2),
    "create before destroy": zdb(2, { lifecycle: first }),
  }),
  ...lifeOf("machine", "threefold_virtual_machine", machine(1, { disks }), {
    update: machine(1, { disks: [...disks, { size_gib: 1, mount_point: "/more" }] }),
    rebuild: machine(1, { disks, cpu: 2 }),
    replace: machine(2, { disks }),
    "create before destroy": machine(2, { disks, lifecycle: first }),
  }),
  ...lifeOf("gateway by name", "threefold_gateway_name", gatewayName(1), {
    update: gatewayName(1, { backends: ["http://185.206.122.101:8080"] }),
    move: gatewayName(7),
    rename: gatewayName(1, { name: "store" }),
  }),
  ...lifeOf("raw deployment", "threefold_deployment", deployment(1, volume(1)), {
    update: deployment(1, [...volume(1), { name: "logs", type: "volume", data: { size: 2 ** 30 } }]),
    replace: deployment(2, volume(1)),
    "create before destroy": deployment(2, volume(1), { lifecycle: first }),
  }),
  ...lifeOf("mesh", "threefold_network", mesh(hosts), {
    join: mesh({ ...hosts, far: 4 }),
    leave: mesh({ web: 1 }),
    replace: mesh(hosts, { ip_range: "10.7.0.0/16" }),
  }),
  ...lifeOf("rented node", "threefold_dedicated_node", dedicatedNode(3), {
    replace: dedicatedNode(6),
  }),
  { title: "stack: create", after: inMesh(hosts) },
  { title: "stack: change", before: inMesh(hosts), after: inMesh({ ...hosts, far: 4 }, 2) },
  { title: "stack: delete", before: inMesh(hosts) },
  { title: "ten machines: create", after: bigStack() },
  { title: "ten machines: rebuild", before: bigStack(), after: bigStack(2) },
  { title: "ten machines: delete", before: bigStack() },
];
