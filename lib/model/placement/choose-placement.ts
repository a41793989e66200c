import { explain } from "./explain";
import { Ground } from "./ground";
import { isDown, isMovable } from "./node-down";
import type { Candidate, PlacementRequest } from "./request";
import type { Standing } from "./standing";
import { unfitness } from "./unfitness";

/** A choice for every request that has one, and what is to be said about it. */
export interface Placement {
  readonly chosen: ReadonlyMap<string, Candidate>;
  /** Key of a request → why it has no node, or what speaks against the one it named. */
  readonly findings: ReadonlyMap<string, string>;
}

/**
 * Chooses a node for every request: a pure decision, which repeated with the same input gives the same answer.
 *
 * What already stands somewhere stays there while the node's lasting facts suit it, and takes no room: what the directory
 * says is used holds it already. It leaves a node that is down when its request says so. The others are served by how few nodes suit them, each on the node with the fewest of
 * this set so far, then the most free memory, then the lowest number; they share what a node has free.
 *
 * A node that was asked for by number is chosen even when it looks full: the directory runs minutes behind, no other node
 * could be chosen instead, and the node itself decides at apply. The finding says so.
 */
export function choosePlacement(
  requests: ReadonlyMap<string, PlacementRequest>,
  candidates: readonly Candidate[],
  standing: Standing = new Map(),
): Placement {
  const ground = new Ground(candidates);
  const chosen = new Map(settleStanding(requests, { candidates, standing, ground }));
  const findings = new Map<string, string>();
  const open = [...requests].filter(([key]) => !chosen.has(key));
  for (const [key, request] of mostConstrainedFirst(open, candidates)) {
    const best = bestOf(request, candidates, ground);
    if (best) {
      const [shortage] = ground.shortages(request, best);
      if (shortage) findings.set(key, `node ${best.nodeId} ${shortage}, as far as the directory knows`);
      ground.take(request, best);
      chosen.set(key, best);
    } else {
      findings.set(
        key,
        explain(request, candidates, (node) => ground.reasons(request, node)),
      );
    }
  }
  return { chosen, findings };
}

/** Each contract stands for one request at most. */
function* settleStanding(
  requests: ReadonlyMap<string, PlacementRequest>,
  given: { readonly candidates: readonly Candidate[]; readonly standing: Standing; readonly ground: Ground },
): Iterable<[string, Candidate]> {
  const nodes = new Map(given.candidates.map((node) => [node.nodeId, node]));
  const spoken = new Set<number>();
  for (const [key, request] of [...requests].sort(byKey)) {
    for (const { contractId, nodeId } of given.standing.get(key) ?? []) {
      const node = nodes.get(nodeId);
      if (!node || spoken.has(contractId) || unfitness(request, node) !== undefined) continue;
      if (isMovable(request) && isDown(node)) continue;
      if (!given.ground.isSpreadFree(request, node)) continue;
      spoken.add(contractId);
      given.ground.occupy(request, node);
      yield [key, node];
      break;
    }
  }
}

function bestOf(request: PlacementRequest, candidates: readonly Candidate[], ground: Ground): Candidate | undefined {
  const best = candidates
    .filter((node) => ground.suits(request, node))
    .reduce<Candidate | undefined>((a, b) => (a && ground.compare(request, a, b) <= 0 ? a : b), undefined);
  if (best || request.nodeId === undefined) return best;
  return candidates.find((node) => node.nodeId === request.nodeId && ground.isMerelyFull(request, node));
}

function mostConstrainedFirst(
  requests: readonly [string, PlacementRequest][],
  candidates: readonly Candidate[],
): readonly [string, PlacementRequest][] {
  const counts = new Map(
    requests.map(([key, request]) => [key, candidates.filter((node) => !unfitness(request, node)).length]),
  );
  return [...requests].sort((a, b) => (counts.get(a[0]) ?? 0) - (counts.get(b[0]) ?? 0) || byKey(a, b));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
