/**
 * A whole node for yourself: you pay for all it has, at the discount for dedicated nodes and with its farmer's extra fee, and
 * what you run on it costs no more. It ends after everything on it.
 *
 * @example
 * const node = new DedicatedNode(this, "own", { memory: Size.gib(64), placement: Placement.where({ country: "Finland" }) });
 * new VirtualMachine(this, "web", { cpu: 8, memory: Size.gib(32), image: Image.ubuntu(), placement: node.placement });
 */
import { Construct } from "constructs";
import { DedicatedNode as DedicatedNodeResource } from "./gen/dedicated-node";
import { Placement } from "./placement";
import { GridContext } from "./private/grid-context";
import { listOf, number, optional, placement, record, size, text } from "./private/kinds";
import { check, checkIdentity, checkName, checkRange, type Rule } from "./private/problems";
import type { Size } from "./size";

/** Properties of a rented node. */
export interface DedicatedNodeProps {
  /**
   * Which node: it is nobody's and runs nothing. Nodes of dedicated farms and nodes with an extra fee count, too. A choice
   * once made is kept.
   * @default the smallest node that fits
   */
  readonly placement?: Placement;
  /** Cores it has at least. @default any number */
  readonly cpu?: number;
  /** Memory it has at least, beside what it keeps for itself. @default any amount */
  readonly memory?: Size;
  /** SSD it has at least, beside what it keeps for itself. @default any amount */
  readonly ssd?: Size;
  /** Hard disks it has at least. @default any amount, also none */
  readonly hdd?: Size;
  /** Features it must have: `zmachine`, `ip`, … @default none */
  readonly features?: readonly string[];
  /** Name people see: 1 to 36 letters, digits and `_`. @default made from the construct's id */
  readonly name?: string;
  /** What makes it the same rent from one run to the next. Another identity is another rent. @default the construct's path */
  readonly identity?: string;
}

/** One rent contract. */
export class DedicatedNode extends Construct {
  /** The Terraform resource, for what this class does not cover. */
  readonly resource: DedicatedNodeResource;
  /** What makes it the same rent from one run to the next. */
  readonly identity: string;

  constructor(scope: Construct, id: string, props: DedicatedNodeProps = {}) {
    super(scope, id);
    check(this, props, rules, kind);
    const context = GridContext.of(this);
    const { name, identity } = context.name(this, props);
    this.identity = identity;
    this.resource = new DedicatedNodeResource(this, "Default", {
      project: context.project,
      name,
      identity,
      nodeId: context.nodes.request(identity, { needs: needsOf(props), placement: props.placement }),
    });
  }

  /** Number of the node, once it is rented: what refers to it is made after the rent and ended before it. */
  get nodeId(): number {
    return this.resource.nodeId;
  }

  /** Puts something on this node. Its room is not reserved in advance: the node is yours alone. */
  get placement(): Placement {
    return Placement.node(this.nodeId);
  }

  /** Number of the rent contract. */
  get contractId(): string {
    return this.resource.contractId;
  }

  /** `ok`, or what is the matter: `pending`, `grace`, `handed_over`. */
  get status(): string {
    return this.resource.status;
  }

  /** Takes over a rent that this library made, by the number of its contract. */
  importFrom(contractId: string): void {
    this.resource.importFrom(contractId);
  }
}

function needsOf({ cpu, memory, ssd, hdd, features }: DedicatedNodeProps) {
  return {
    cpu,
    memoryMib: memory?.toMib(),
    ssdGib: ssd?.toGib(),
    hddGib: hdd?.toGib(),
    features: features && [...features],
    rentable: true,
  };
}

const kind = record<DedicatedNodeProps>({
  placement: optional(placement),
  cpu: optional(number),
  memory: optional(size),
  ssd: optional(size),
  hdd: optional(size),
  features: optional(listOf(text)),
  name: optional(text),
  identity: optional(text),
});

const rules: readonly Rule<DedicatedNodeProps>[] = [
  checkName,
  checkIdentity,
  ({ cpu }) => checkRange(cpu, ["cpu"], { min: 1, max: 1024 }),
];
