import type { StackState } from "../../lib/cli/stack/stack-state";
import { Attributes } from "../../lib/provider/schema/attributes";

/** A row of the table: something that runs under a contract. */
interface Row {
  readonly name: string;
  readonly kind: string;
  readonly nodeId: number;
  readonly addresses: readonly string[];
  readonly contractId: string;
}

const HEADINGS = ["NAME", "KIND", "NODE", "COUNTRY", "CONTRACT", "ADDRESSES"] as const;

/** A table of everything that a stack runs: a line per contract, and one more for each further address. */
export function whatRuns(state: StackState, countryOf: (nodeId: number) => string): string {
  const rows = state.objects
    .flatMap(({ type, attributes }) => rowsOf(type, new Attributes(attributes)))
    .sort((a, b) => Number(a.contractId) - Number(b.contractId))
    .flatMap(({ name, kind, nodeId, contractId, addresses: [first = "", ...others] }) => [
      [name, kind, String(nodeId), countryOf(nodeId), contractId, first],
      ...others.map((address) => ["", "", "", "", "", address]),
    ]);
  const table = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function rowsOf(type: string, object: Attributes): Row[] {
  if (type === "threefold_network") return memberRows(object);
  const kind = { threefold_virtual_machine: "machine", threefold_zdb: "zdb" }[type];
  if (kind === undefined) return [];
  return [
    {
      name: object.requireText("name"),
      kind,
      nodeId: object.requireNumber("node_id"),
      addresses: kind === "zdb" ? zdbAddresses(object) : machineAddresses(object),
      contractId: object.text("contract_id") ?? "",
    },
  ];
}

/** A mesh has a contract on each of its nodes. */
function memberRows(mesh: Attributes): Row[] {
  return [...mesh.objectMap("members")].map(([nodeId, member]) => ({
    name: mesh.requireText("name"),
    kind: "network",
    nodeId: Number(nodeId),
    addresses: [member.text("subnet") ?? ""],
    contractId: member.text("contract_id") ?? "",
  }));
}

function machineAddresses(machine: Attributes): string[] {
  const names = ["ip", "public_ipv4_address", "public_ipv6_address", "mycelium_ip", "planetary_ip"];
  return names.flatMap((name) => machine.text(name) ?? []);
}

/** One address is enough to show: all of them lead to the same port. */
function zdbAddresses(zdb: Attributes): string[] {
  const [address] = zdb.texts("addresses");
  return address === undefined ? [] : [`[${address}]:${zdb.number("port") ?? ""}`];
}
