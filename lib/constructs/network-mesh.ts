/**
 * A private network over several nodes, with an address for every machine in it and a way in for people. Its contracts
 * hold no capacity and so cost nothing.
 *
 * @example
 * const mesh = new NetworkMesh(this, "mesh", { access: ["laptop"] });
 * const web = new VirtualMachine(this, "web", { mesh, cpu: 1, memory: Size.gib(2), image: Image.ubuntu() });
 * new TerraformOutput(this, "web-ip", { value: mesh.addressOf(web) });
 */
import { Fn, type IResolvable, Lazy, Op, type Precondition, Token } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { GridError } from "../core/errors";
import { Network } from "./gen/network";
import { Placement } from "./placement";
import { GridContext } from "./private/grid-context";
import { meshKind, meshRules } from "./private/mesh-rules";
import { check } from "./private/problems";
import type { VirtualMachine } from "./virtual-machine";

/** Properties of a mesh. */
export interface NetworkMeshProps {
  /** Name people see: 1 to 36 letters, digits and `_`. @default made from the construct's id */
  readonly name?: string;
  /** What makes it the same mesh from one run to the next. Another identity is another mesh. @default the construct's path */
  readonly identity?: string;
  /** A private IPv4 /16. Another range replaces the mesh. @default "10.20.0.0/16" */
  readonly ipRange?: string;
  /** Whether its machines can have mycelium addresses. @default true */
  readonly mycelium?: boolean;
  /** Names of the computers that dial in; `threefold access <mesh> <name>` prints the WireGuard file of each. @default none */
  readonly access?: readonly string[];
  /**
   * Nodes that belong to the mesh without a machine on them, by a name of yours: usually the one people dial.
   * @default a node with a public IPv4, when people dial in or when none of the machines' nodes has one. When it is down, it
   * is replaced if a machine of the mesh would be
   */
  readonly members?: Readonly<Record<string, Placement>>;
  /**
   * Which member a computer dials, by its name in `access` and the member's in `members`. The member needs a public
   * address.
   * @default each computer dials the member with the lowest number that has a public IPv4, and keeps it while it can
   */
  readonly accessThrough?: Readonly<Record<string, string>>;
}

/** What machines join: a mesh of their own stack, or a `JoinedMesh`. */
export interface IMesh extends IConstruct {
  /** Name of the network on the grid. */
  readonly networkName: string;
  /** Whether its machines can have mycelium addresses. */
  readonly hasMycelium: boolean;
  /** Gives a machine, known by its identity, an address. */
  addHost(host: string, nodeId: number, placement?: Placement): string;
  /** What has to hold of a machine's node. */
  conditionsOf?(nodeId: number): readonly Precondition[];
}

/** A mesh of one stack; its machines live in the same stack, or join it as a `JoinedMesh`. */
export class NetworkMesh extends Construct implements IMesh {
  /** The Terraform resource, for what this class does not cover. */
  readonly resource: Network;
  /** What makes it the same mesh from one run to the next. */
  readonly identity: string;
  /** Whether its machines can have mycelium addresses. */
  readonly hasMycelium: boolean;
  /** The addresses it covers. */
  readonly ipRange: string;
  readonly #context: GridContext;
  readonly #hosts = new Map<string, { readonly nodeId: number; readonly placement: Placement | undefined }>();
  readonly #members = new Map<string, { readonly nodeId: number; readonly placement: Placement }>();
  readonly #access: string[] = [];
  readonly #accessThrough = new Map<string, string>();
  readonly #accessNodeId: number;

  constructor(scope: Construct, id: string, props: NetworkMeshProps = {}) {
    super(scope, id);
    check(this, props, meshRules, meshKind);
    this.#context = GridContext.of(this);
    const { name, identity } = this.#context.name(this, props);
    this.identity = identity;
    this.hasMycelium = props.mycelium ?? true;
    this.ipRange = props.ipRange ?? DEFAULT_RANGE;
    this.#accessNodeId = this.#requestAccessNode();
    for (const [member, placement] of Object.entries(props.members ?? {})) this.addMember(member, placement);
    this.#access.push(...(props.access ?? []));
    for (const [computer, member] of Object.entries(props.accessThrough ?? {})) {
      this.#accessThrough.set(computer, member);
    }
    this.resource = new Network(this, "Default", {
      project: this.#context.project,
      name,
      identity,
      ipRange: props.ipRange,
      mycelium: props.mycelium,
      hosts: Token.asNumberMap(Lazy.anyValue({ produce: () => this.#renderHosts() })),
      nodes: Token.asNumberList(Lazy.anyValue({ produce: () => this.#renderNodes() })),
      access: Lazy.listValue({ produce: () => [...this.#access] }, { omitEmpty: true }),
      accessNodes: Token.asNumberMap(Lazy.anyValue({ produce: () => this.#renderAccessNodes() })),
    });
  }

  /** Name of the network on the grid: what a machine made otherwise joins. */
  get networkName(): string {
    return this.resource.networkName;
  }

  /**
   * Private address of one of its machines. Kept as long as the machine stays on its node.
   *
   * @throws {GridError} TFG_NOT_IN_MESH when the machine is in another mesh or in none
   */
  addressOf(machine: VirtualMachine): string {
    if (GridContext.of(machine) !== this.#context || !this.#hosts.has(machine.identity)) throw notInMesh(machine, this);
    return this.resource.addresses.lookup(machine.identity);
  }

  /**
   * Adds a computer that dials in.
   *
   * @param through the member it dials, by its name in `members`. Without one, a member with a public IPv4 is found.
   * @throws {GridError} TFG_BAD_VALUE for a name that is no file name, or taken, and for a member that is none
   */
  addAccess(name: string, through?: string): void {
    const members = Object.fromEntries([...this.#members].map(([member, { placement }]) => [member, placement]));
    const accessThrough = through === undefined ? {} : { [name]: through };
    check(this, { access: [...this.#access, name], members, accessThrough }, meshRules, meshKind);
    this.#access.push(name);
    if (through !== undefined) this.#accessThrough.set(name, through);
  }

  /** Adds a node without a machine. Returns its number, as Terraform will know it. */
  addMember(name: string, placement: Placement): number {
    const key = this.#memberKey(name);
    check(this, { identity: key }, meshRules);
    this.#context.claim(key, `member ${name} of ${this.node.path}`);
    const nodeId = this.#context.nodes.request(key, { needs: MEMBER, placement });
    this.#members.set(name, { nodeId, placement });
    return nodeId;
  }

  /**
   * Gives a machine an address and returns it; `VirtualMachine` does this itself.
   *
   * @param host name that is unique in the mesh
   * @param placement where it was asked to be, if anywhere
   */
  addHost(host: string, nodeId: number, placement?: Placement): string {
    this.#hosts.set(host, { nodeId, placement });
    return this.resource.addresses.lookup(host);
  }

  /** Takes over a mesh that exists: the number of any of its contracts. */
  importFrom(contractId: string): void {
    this.resource.importFrom(contractId);
  }

  #requestAccessNode(): number {
    const key = this.#memberKey("access-node");
    this.#context.claim(key, `access node of ${this.node.path}`);
    return this.#context.nodes.requestLater(key, () =>
      this.#needsAccessNode() === "no" ? undefined : { needs: MEMBER, placement: this.#accessPlacement() },
    );
  }

  /** Nothing is lost with the access node: where a machine outlives its node, the way between the others does, too. */
  #accessPlacement(): Placement {
    const hosts = [...this.#hosts.values()].map(({ placement }) => placement?.rules.onNodeDown);
    const onNodeDown = hosts.includes("replace") ? "replace" : undefined;
    return Placement.where({ publicAccess: true, onNodeDown });
  }

  /**
   * Nobody can dial a hidden node: people and hidden nodes meet at one with a public IPv4. Where machines that may be
   * anywhere will land is known in the plan only.
   */
  #needsAccessNode(): "yes" | "no" | "if all are hidden" {
    const hosts = [...this.#hosts.values()].map(({ placement }) => placement?.rules.publicAccess);
    const isOffered =
      hosts.includes(true) || [...this.#members.values()].some(({ placement }) => mayBeDialled(placement));
    if (isOffered) return "no";
    const isAnyoneUnassigned = this.#access.some((computer) => !this.#accessThrough.has(computer));
    if (isAnyoneUnassigned || hosts.includes(false)) return "yes";
    return this.#hosts.size + this.#members.size > 1 ? "if all are hidden" : "no";
  }

  #renderHosts(): Record<string, number> | undefined {
    const hosts = [...this.#hosts].map(([host, { nodeId }]): [string, number] => [host, nodeId]);
    return hosts.length > 0 ? Object.fromEntries(hosts.sort(([a], [b]) => (a < b ? -1 : 1))) : undefined;
  }

  #renderAccessNodes(): Record<string, number> | undefined {
    const chosen = [...this.#accessThrough].flatMap(([computer, member]): [string, number][] => {
      const nodeId = this.#members.get(member)?.nodeId;
      return nodeId === undefined ? [] : [[computer, nodeId]];
    });
    return chosen.length > 0 ? Object.fromEntries(chosen.sort(([a], [b]) => (a < b ? -1 : 1))) : undefined;
  }

  #renderNodes(): number[] | IResolvable | undefined {
    const members = [...this.#members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { nodeId }]) => nodeId);
    const needed = this.#needsAccessNode();
    if (needed === "if all are hidden") return this.#nodesByFacts(members);
    const nodes = needed === "yes" ? [...members, this.#accessNodeId] : members;
    return nodes.length > 0 ? nodes : undefined;
  }

  /** The members, and the access node when the mesh is on several nodes of which none has a public IPv4. */
  #nodesByFacts(members: readonly number[]): IResolvable {
    const keys = [...this.#hosts.keys(), ...[...this.#members.keys()].map((member) => this.#memberKey(member))].sort();
    const addresses = Fn.compact(keys.map((key) => this.#context.nodes.fact(key, "public_ipv4") ?? ""));
    const all = [...members, ...[...this.#hosts.values()].map(({ nodeId }) => nodeId)];
    const isSplit = Op.gt(Fn.lengthOf(Fn.distinct(all)), 1);
    // cdktf writes a comparison with 0 as one with `undefined`.
    const isHidden = Op.lt(Fn.lengthOf(addresses), 1);
    const others = members.length > 0 ? [...members] : Token.nullValue();
    return Fn.conditional(Op.and(isSplit, isHidden), [...members, this.#accessNodeId], others);
  }

  #memberKey(name: string): string {
    return `${this.identity}/${name}`;
  }
}

/** As the provider has it, too. */
const DEFAULT_RANGE = "10.20.0.0/16";

/** What being a member takes. */
const MEMBER = { features: ["network"] };

/** A member that was named by number is taken for the access node: only its owner can know. */
function mayBeDialled(placement: Placement): boolean {
  return placement.isExplicit || placement.rules.publicAccess === true || placement.rules.gateway === true;
}

function notInMesh(machine: VirtualMachine, mesh: NetworkMesh): GridError {
  return new GridError({
    code: "TFG_NOT_IN_MESH",
    summary: `${machine.constructor.name} "${machine.node.path}" is not in that mesh.`,
    facts: { mesh: mesh.node.path },
    standing: "Nothing was started.",
    remedy: "give the mesh to the machine, or ask the machine itself for its address: machine.ip.",
  });
}
