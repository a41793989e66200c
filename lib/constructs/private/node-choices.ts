import { Fn, type IResolvable, Lazy, type Postcondition, propertyAccess, Token } from "cdktf";
import type { Construct } from "constructs";
import { DataThreefoldCandidates } from "../gen/data-threefold-candidates";
import { type PlacementRequests, Placement as PlacementResource, placementRequestsToTerraform } from "../gen/placement";
import type { Placement } from "../placement";
import { expression } from "./expression";

/**
 * Stops a plan in which something fits no node. A condition rather than an error of the provider: a destroy plans first,
 * and conditions do not stop it.
 *
 * @param reachable expression: whether the directory answered
 */
function everyRequestPlaced(reachable: string): Postcondition {
  const reason = 'lookup(self.findings, key, "there is no proposal that it could take")';
  const misses = `join("\\n", [for key in self.unplaced : format("No node fits %q: %s.", key, ${reason})])`;
  const keys = 'join(", ", [for key in self.unplaced : format("%q", key)])';
  const noFit = [
    expression(misses),
    "Nothing was made for it.",
    "Fix: ask for less, or for other places. [TFG_NO_CANDIDATE]",
  ];
  const noAnswer = [
    `No node can be chosen for ${expression(keys)}: the directory of nodes gave no usable answer.`,
    "Nothing was made for it.",
    "Fix: try again when the directory answers; the warning says what was asked. [TFG_DIRECTORY_UNREACHABLE]",
  ];
  return {
    condition: expression("length(self.unplaced) == 0"),
    errorMessage: `%{ if ${reachable} }${noFit.join("\n")}%{ else }${noAnswer.join("\n")}%{ endif }`,
  };
}

/** What something needs of its node, beside the wishes of its `Placement`. */
export type NodeNeeds = Pick<
  PlacementRequests,
  "cpu" | "memoryMib" | "ssdGib" | "hddGib" | "freeIpv4" | "features" | "publicAccess" | "rentable"
>;

/** A request for a node; undefined when it turns out not to be needed. */
export type NodeRequest = { readonly needs: NodeNeeds; readonly placement?: Placement } | undefined;

/**
 * The choice of nodes for a whole stack: one data source that proposes, one resource that keeps what was chosen. Requests
 * are read when the stack is rendered, so that it does not matter in which order constructs are made.
 */
export class NodeChoices {
  readonly #scope: Construct;
  readonly #project: string | undefined;
  readonly #requests = new Map<string, () => NodeRequest>();
  #placement: PlacementResource | undefined;

  /** @param project name or lineage of the project, by which the provider finds what stands already */
  constructor(scope: Construct, project: string | undefined) {
    this.#scope = scope;
    this.#project = project;
  }

  /** The number of a node for `key`, as Terraform will know it. A node that only Terraform knows is taken as it is. */
  request(key: string, request: NodeRequest & object): number {
    return request.placement?.unresolvedNodeId ?? this.requestLater(key, () => request);
  }

  /** The same for a request that is only known when everything else has been made. */
  requestLater(key: string, request: () => NodeRequest): number {
    this.#requests.set(key, request);
    this.#placement ??= this.#createPlacement();
    // Not `nodes.get(key)`: cdktf writes that key without quotes, which Terraform takes for the name of something.
    return Token.asNumber(propertyAccess(this.#placement.nodes, [key, "node_id"]));
  }

  /** A fact of the node of `key`, as Terraform will know it: empty when it has none. Undefined for nodes not chosen here. */
  fact(key: string, name: "public_ipv4" | "domain"): string | undefined {
    if (!this.#placement || !this.#requests.has(key)) return undefined;
    return Token.asString(propertyAccess(this.#placement.nodes, [key, name]));
  }

  /** Whether the node of `key` has a feature, as Terraform will know it. The request has been made. */
  hasFeature(key: string, feature: string): IResolvable {
    if (!this.#placement) throw new Error(`no node was asked for ${key}`);
    return Fn.contains(propertyAccess(this.#placement.nodes, [key, "features"]), feature);
  }

  #createPlacement(): PlacementResource {
    const requests = Lazy.anyValue({ produce: () => this.#render() });
    const candidates = new DataThreefoldCandidates(this.#scope, "threefold-candidates", {
      requests,
      project: this.#project,
    });
    candidates.overrideLogicalId("candidates");
    const placement = new PlacementResource(this.#scope, "threefold-placement", {
      requests,
      proposals: candidates.proposals,
      findings: Token.asStringMap(candidates.findings),
      down: Token.asNumberList(
        Lazy.anyValue({ produce: () => (this.#mayAnythingMove() ? candidates.down : undefined) }),
      ),
      lifecycle: { postcondition: [everyRequestPlaced("data.threefold_candidates.candidates.reachable")] },
    });
    placement.overrideLogicalId("placement");
    return placement;
  }

  /** Whether the plan has to know which nodes are down. */
  #mayAnythingMove(): boolean {
    return [...this.#requests.values()].some((request) => request()?.placement?.rules.onNodeDown === "replace");
  }

  #render(): Record<string, unknown> {
    const entries = [...this.#requests].flatMap(([key, request]): [string, unknown][] => {
      const asked = request();
      return asked ? [[key, placementRequestsToTerraform(merge(asked))]] : [];
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function merge({ needs, placement }: NodeRequest & object): PlacementRequests {
  const { features = [], exclude = [], ...rules } = placement?.rules ?? {};
  const wanted = [...new Set([...(needs.features ?? []), ...features])].sort();
  return {
    ...needs,
    ...rules,
    features: wanted.length > 0 ? wanted : undefined,
    exclude: exclude.length > 0 ? [...exclude] : undefined,
  };
}
