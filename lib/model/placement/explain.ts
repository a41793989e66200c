import { closestName } from "../../core/closest-name";
import type { Candidate, PlacementRequest } from "./request";

/** How many groups of nodes are told of, and how many names there may be for all to be named. */
const MOST_GROUPS = 3;
const MOST_NAMES = 10;

/**
 * Says why no node suits a request, by the nearest misses: nodes in the place that was asked for first, then those with the
 * least against them; those with the same against them together.
 */
export function explain(
  request: PlacementRequest,
  candidates: readonly Candidate[],
  reasons: (node: Candidate) => readonly string[],
): string {
  const { nodeId } = request;
  if (nodeId !== undefined) {
    const named = candidates.find((node) => node.nodeId === nodeId);
    return named ? `node ${nodeId} ${reasons(named).join(" and ")}` : `there is no node ${nodeId}`;
  }
  const nowhere = explainPlace(request, candidates);
  if (nowhere) return nowhere;
  const groups = groupMisses(request, candidates, reasons);
  const shown = groups.slice(0, MOST_GROUPS).map(({ count, where, reasons: all }) => {
    const said = all.map((reason) => (count === 1 ? reason : plural(reason)));
    return `${count}${where} ${said.join(" and ")}`;
  });
  const others = groups.slice(MOST_GROUPS).reduce((sum, { count }) => sum + count, 0);
  const rest = others > 0 ? [`${others} more ${others === 1 ? "suits" : "suit"} no better`] : [];
  return `of ${candidates.length} nodes none fits: ${[...shown, ...rest].join("; ")}`;
}

/** A place where no node is at all is most likely misspelt. */
function explainPlace(request: PlacementRequest, candidates: readonly Candidate[]): string | undefined {
  if (candidates.length === 0) return "the directory lists no node that is up";
  const places = [
    ["country", request.country, candidates.map(({ country }) => country)],
    ["city", request.city, candidates.map(({ city }) => city)],
    ["region", request.region, candidates.map(({ region }) => region)],
    ["farm", request.farmId?.toString(), candidates.map(({ farmId }) => farmId.toString())],
  ] as const;
  for (const [kind, wanted, found] of places) {
    const names = [...new Set(found)].filter((name) => name !== "").sort();
    if (wanted === undefined || names.some((name) => name.toLowerCase() === wanted.toLowerCase())) continue;
    if (kind === "farm") return `no node that is up is in farm ${wanted}`;
    return `no node that is up is in ${kind} ${JSON.stringify(wanted)}${hint(wanted, kind === "region" ? REGIONS : names)}`;
  }
  return undefined;
}

/** Regions as the directory knows them, told or not. @source gridproxy country table, facts "directory" §2 */
const REGIONS = ["Africa", "Americas", "Asia", "Europe", "Oceania"];

function hint(wanted: string, names: readonly string[]): string {
  const meant = closestName(wanted, names);
  if (meant !== undefined) return `; perhaps ${meant} is meant`;
  return names.length > 0 && names.length <= MOST_NAMES ? `; there are some in ${names.join(", ")}` : "";
}

interface Misses {
  readonly reasons: readonly string[];
  /** ` in Egypt`, when that was asked for and is so. */
  readonly where: string;
  readonly count: number;
}

function groupMisses(
  request: PlacementRequest,
  candidates: readonly Candidate[],
  reasonsOf: (node: Candidate) => readonly string[],
): Misses[] {
  const groups = new Map<string, Misses>();
  for (const node of candidates) {
    const reasons = reasonsOf(node);
    const where = placeOf(request, node);
    const id = JSON.stringify([where, reasons]);
    groups.set(id, { reasons, where, count: (groups.get(id)?.count ?? 0) + 1 });
  }
  const isElsewhere = ({ where }: Misses) => Number(where === "");
  return [...groups.values()].sort(
    (a, b) => isElsewhere(a) - isElsewhere(b) || a.reasons.length - b.reasons.length || b.count - a.count,
  );
}

function placeOf({ city, country, farmId }: PlacementRequest, node: Candidate): string {
  if (farmId === node.farmId) return ` in farm ${farmId}`;
  const wanted = [city, country].map((name) => name?.toLowerCase());
  const place = [node.city, node.country].find((name) => wanted.includes(name.toLowerCase()));
  return place ? ` in ${place}` : "";
}

function plural(reason: string): string {
  return reason.replace(/^(is|has|lacks)\b/, (verb) => ({ is: "are", has: "have" })[verb] ?? "lack");
}
