import { Token } from "cdktf";
import { closestName } from "../core/closest-name";
import { GridError } from "../core/errors";
import { ON_NODE_DOWN } from "../model/placement/request";
import type { PlacementRequests } from "./gen/placement";
import { flag, listOf, number, oneOf, optional, record, text } from "./private/kinds";
import { badValue, checkRange } from "./private/problems";

/** What a node has to be like. What is left out does not matter. */
export interface PlacementRules {
  /** Country in English: `Belgium`. */
  readonly country?: string;
  /** City: `Ghent`. */
  readonly city?: string;
  /** `Europe`, `Americas`, `Asia`, `Africa` or `Oceania`. */
  readonly region?: string;
  /** Number of the farm. */
  readonly farmId?: number;
  /** true: only certified nodes, which cost a quarter more. */
  readonly certified?: boolean;
  /** true: with a public IPv4 of its own, so that others can dial it. false: hidden behind a router. */
  readonly publicAccess?: boolean;
  /** true: a gateway node, with a public IPv4 and a domain. */
  readonly gateway?: boolean;
  /** Further features the node must offer. */
  readonly features?: readonly string[];
  /** Nodes that are not wanted. */
  readonly exclude?: readonly number[];
  /**
   * What becomes of it when its node is down: the directory has not heard of the node for 80 minutes, and it does not answer
   * either. `keep` waits for the node. `replace` lets the next deployment make it anew on another one: what it kept on the
   * first node's disks is lost, its addresses are others, and it stays where it is when the first one comes back.
   * @default "keep"
   */
  readonly onNodeDown?: "keep" | "replace";
}

/** The rules, and those that have a method of their own. */
type Rules = Pick<PlacementRequests, "nodeId" | "spread"> & PlacementRules;

/**
 * Where something may run. A choice once made is kept while the node suits: a cheaper or emptier one moves nothing, and
 * neither does a node that is down, unless `onNodeDown` says so.
 *
 * @example
 * Placement.where({ country: "Belgium", certified: true })
 * Placement.where({ region: "Europe" }).and(Placement.spread("replicas"))
 * Placement.where({ country: "Belgium", onNodeDown: "replace" })
 * Placement.node(14)
 */
export class Placement {
  private constructor(
    /** The rules as a placement request holds them. */
    readonly rules: Rules,
  ) {}

  /** Any node that fits the rules. @throws {GridError} TFG_BAD_VALUE for a rule there is not, or of the wrong kind */
  static where(rules: PlacementRules): Placement {
    const [problem] = [...kind(rules, ["Placement.where"]), ...unknownRules(rules)];
    if (problem) throw problem;
    return new Placement({ ...rules });
  }

  /** Exactly this node. @throws {GridError} TFG_BAD_VALUE for anything but a whole number above 0 */
  static node(nodeId: number): Placement {
    const attribute = ["Placement.node"];
    const [problem] = [...number(nodeId, attribute), ...checkRange(nodeId, attribute, { min: 1, max: 2 ** 32 - 1 })];
    if (problem) throw problem;
    return new Placement({ nodeId });
  }

  /** A node that nothing else with the same name is on. @throws {GridError} TFG_BAD_VALUE for anything but a text */
  static spread(name: string): Placement {
    const [problem] = text(name, ["Placement.spread"]);
    if (problem) throw problem;
    return new Placement({ spread: name });
  }

  /** Both: lists are joined. @throws {GridError} TFG_BAD_PLACEMENT when the two contradict each other */
  and(other: Placement): Placement {
    const names = Object.keys(other.rules) as (keyof Rules)[];
    const rival = names.find((name) => contradict(this.rules[name], other.rules[name]));
    if (rival) throw contradiction(rival, this.rules[rival], other.rules[rival]);
    const both = { ...this.rules, ...other.rules };
    if (both.nodeId !== undefined && both.onNodeDown === "replace") throw nowhereElse(both.nodeId);
    const { features = [], exclude = [] } = this.rules;
    const lists = {
      features: [...features, ...(other.rules.features ?? [])],
      exclude: [...exclude, ...(other.rules.exclude ?? [])],
    };
    return new Placement({ ...both, ...lists });
  }

  /** Whether it names a node, whose facts nobody knows at synth. */
  get isExplicit(): boolean {
    return this.rules.nodeId !== undefined;
  }

  /** The node's number when Terraform will only know it later; such a node is taken as it is. */
  get unresolvedNodeId(): number | undefined {
    return Token.isUnresolved(this.rules.nodeId) ? this.rules.nodeId : undefined;
  }
}

const kinds = {
  country: optional(text),
  city: optional(text),
  region: optional(text),
  farmId: optional(number),
  certified: optional(flag),
  publicAccess: optional(flag),
  gateway: optional(flag),
  features: optional(listOf(text)),
  exclude: optional(listOf(number)),
  onNodeDown: optional(oneOf(...ON_NODE_DOWN)),
};

const kind = record<PlacementRules>(kinds);

/** A rule that nobody knows would be no rule: the node could be anywhere. */
function unknownRules(rules: PlacementRules): readonly GridError[] {
  const names = Object.keys(kinds);
  return Object.keys(rules)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = closestName(name, names);
      return badValue({
        attribute: ["Placement.where"],
        what: `has no rule "${name.slice(0, 60)}"`,
        allowed: names.join(", "),
        remedy: meant ? `write ${meant}.` : "use one of these rules.",
      });
    });
}

function contradict(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && !Array.isArray(a) && a !== b;
}

function contradiction(rule: string, first: unknown, second: unknown): GridError {
  return new GridError({
    code: "TFG_BAD_PLACEMENT",
    summary: `A placement cannot have two values for ${rule}.`,
    facts: { first: String(first), second: String(second) },
    standing: "Nothing was started.",
    remedy: "keep one of them.",
  });
}

function nowhereElse(nodeId: number): GridError {
  return new GridError({
    code: "TFG_BAD_PLACEMENT",
    summary: "A placement that names its node leaves no other to go to when that one is down.",
    facts: { node: Token.isUnresolved(nodeId) ? "known later" : nodeId, onNodeDown: "replace" },
    standing: "Nothing was started.",
    remedy: "leave onNodeDown out, or describe the node by Placement.where instead of naming it.",
  });
}
