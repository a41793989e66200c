/**
 * This stack's part of a mesh that another stack of the account owns: its machines join on the mesh's nodes, with addresses
 * that the owner keeps for this stack (`reserved`).
 *
 * @example
 * const mesh = new JoinedMesh(this, "mesh", { contractId: "4711", block: "ci", numbers: { runner: 200 } });
 * new VirtualMachine(this, "runner", { mesh, placement: Placement.node(11), cpu: 1, memory: Size.gib(2), image: Image.ubuntu() });
 */
import { Fn, type Precondition, Token } from "cdktf";
import { Construct } from "constructs";
import { GridError } from "../core/errors";
import { DataThreefoldNetwork } from "./gen/data-threefold-network";
import type { IMesh } from "./network-mesh";
import { expression } from "./private/expression";
import { GridContext } from "./private/grid-context";
import { flag, mapOf, number, optional, record, text } from "./private/kinds";
import { badValue, check, type Rule } from "./private/problems";

/** Properties of a part of a mesh. */
export interface JoinedMeshProps {
  /** Number of the contract of any of the mesh's members. */
  readonly contractId: string;
  /** Name of the block of addresses that the owner keeps for this stack. No other stack may use it. */
  readonly block: string;
  /**
   * The last number of each machine's address, by the machine's identity: a number of the block, each once. The rest of the
   * address is that of the machine's node.
   */
  readonly numbers: Readonly<Record<string, number>>;
  /** Whether its machines may have mycelium addresses: as the owner decided. @default true */
  readonly mycelium?: boolean;
}

/** A mesh of another stack, as this one sees it. */
export class JoinedMesh extends Construct implements IMesh {
  /** The Terraform data source: range, members, subnets. */
  readonly data: DataThreefoldNetwork;
  /** Whether its machines may have mycelium addresses. */
  readonly hasMycelium: boolean;
  readonly #numbers: Readonly<Record<string, number>>;

  constructor(scope: Construct, id: string, props: JoinedMeshProps) {
    super(scope, id);
    check(this, props, rules, kind);
    GridContext.of(this);
    this.#numbers = props.numbers;
    this.hasMycelium = props.mycelium ?? true;
    this.data = new DataThreefoldNetwork(this, "Default", {
      contractId: props.contractId,
      lifecycle: { postcondition: [isThere(props.contractId), isKept(props)] },
    });
  }

  /** Name of the network on the grid. */
  get networkName(): string {
    return this.data.networkName;
  }

  /**
   * The address of a machine; `VirtualMachine` asks for it itself.
   *
   * @param host the machine's identity
   * @throws {GridError} TFG_NOT_IN_MESH when `numbers` has none for it
   */
  addHost(host: string, nodeId: number): string {
    const number = this.#numbers[host];
    if (number === undefined) throw noNumber(host, this);
    // No member has the other subnet: the condition below says so before anything is planned with it.
    return Fn.cidrhost(Fn.lookup(this.#subnets, Token.asString(nodeId), "0.0.0.0/24"), number);
  }

  /** What has to hold of a machine's node. */
  conditionsOf(nodeId: number): readonly Precondition[] {
    const node = Token.asString(nodeId);
    return [
      {
        // Keys of a map are texts, and Terraform compares no text with a number.
        condition: Fn.contains(Fn.keys(this.#subnets), Fn.format("%d", [nodeId])),
        errorMessage: [
          `Node ${node} is no member of the mesh, so that no machine of it can be there.`,
          "Nothing was started.",
          "Fix: place it on a node of the mesh, or have the mesh's owner add the node. [TFG_NOT_IN_MESH]",
        ].join("\n"),
      },
    ];
  }

  get #subnets() {
    return this.data.interpolationForAttribute("subnets");
  }
}

function isThere(contractId: string): Precondition {
  return {
    condition: expression("self.exists != false"),
    errorMessage: `Contract ${contractId} belongs to no mesh of this account.\nFix: take the number of a member's contract from the owner's stack. [TFG_NO_MESH]`,
  };
}

/** Only what the owner keeps for this stack is sure to meet nobody. */
function isKept({ block, numbers }: JoinedMeshProps): Precondition {
  const ends = `split("-", lookup(self.reserved, ${JSON.stringify(block)}, "255-0"))`;
  const all = `[${Object.values(numbers).join(", ")}]`;
  const isInside = `number >= tonumber(${ends}[0]) && number <= tonumber(${ends}[1])`;
  return {
    condition: expression(
      `self.exists != true || length(self.findings) > 0 || alltrue([for number in ${all} : ${isInside}])`,
    ),
    errorMessage: `The owner of the mesh keeps no block "${block}" with all of the numbers ${Object.values(numbers).join(", ")}.\nFix: take numbers of a block in \`reserved\` of the mesh, or have its owner keep one. [TFG_NOT_IN_MESH]`,
  };
}

const kind = record<JoinedMeshProps>({
  contractId: text,
  block: text,
  numbers: mapOf(number),
  mycelium: optional(flag),
});

const rules: readonly Rule<JoinedMeshProps>[] = [
  ({ numbers }) => {
    const taken = new Map<number, string>();
    return Object.entries(numbers).flatMap(([host, given]) => {
      const attribute = ["numbers", host];
      const isNumber = Number.isInteger(given) && given >= 2 && given <= 254;
      if (!isNumber) return [badValue({ attribute, given, allowed: "a whole number from 2 to 254" })];
      const other = taken.get(given);
      taken.set(given, host);
      return other === undefined
        ? []
        : [badValue({ attribute, given, allowed: `another number than that of ${other}` })];
    });
  },
];

function noNumber(host: string, mesh: JoinedMesh): GridError {
  return new GridError({
    code: "TFG_NOT_IN_MESH",
    summary: `Machine "${host}" has no number in the mesh.`,
    facts: { mesh: mesh.node.path, given: host },
    standing: "Nothing was started.",
    remedy: `add it to numbers of "${mesh.node.path}", with a number of the block that no other machine has.`,
  });
}
