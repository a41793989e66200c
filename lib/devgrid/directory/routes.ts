import { messageOf } from "../../core/errors";
import { type HttpAnswer, jsonAnswer } from "../http-service";
import { selectFarms } from "./farm-filters";
import { contractListSchema, publicIpListSchema, twinListSchema } from "./list-filters";
import type { NodeFactsSource } from "./node-facts";
import { selectNodes } from "./node-filters";
import { discountedPrice } from "./price";
import { cut, type ListSchema, type Page, parseFilters, parseLimit, QueryError, selectPage } from "./query";
import type { NodeJson, NodeRow } from "./rows";
import type { DirectorySnapshot } from "./snapshot";
import { gridStats } from "./stats";

/** What a handler works with. */
export interface RouteContext {
  /** What the index has seen so far. */
  readonly snapshot: DirectorySnapshot;
  /** The query string. */
  readonly params: URLSearchParams;
  /** The number in the path; 0 for routes without one. */
  readonly id: number;
  /** For the routes that ask a node live. */
  readonly factsOf: NodeFactsSource;
  /** Unix seconds by the chain's clock. */
  readonly now: number;
}

type Handler = (context: RouteContext) => HttpAnswer;

/** Path templates, as the real index page lists them. `{id}` matches digits only. */
const ROUTES: Readonly<Record<string, Handler>> = {
  "/farms": ({ snapshot, params }) => page(selectFarms(snapshot.farms, params), (farm) => farm.json),
  "/stats": ({ snapshot, params }) => ok(gridStats(snapshot, params)),
  "/twins": list(({ snapshot }) => snapshot.twins, twinListSchema),
  "/twins/{id}/consumption": () => ok({ last_hour_consumption: 0, overall_consumption: 0 }),
  "/nodes": listNodes,
  "/nodes/{id}": (context) => ok(nested(requireNode(context).json)),
  "/nodes/{id}/status": nodeStatus,
  "/nodes/{id}/statistics": nodeStatistics,
  "/nodes/{id}/gpu": nodeGpus,
  "/gateways": listNodes,
  "/gateways/{id}": getGateway,
  "/gateways/{id}/status": nodeStatus,
  "/contracts": list(({ snapshot }) => snapshot.contracts, contractListSchema),
  "/contracts/{id}": getContract,
  "/contracts/{id}/bills": ({ params }) => {
    parseFilters(params, {});
    return page(cut<never>([], parseLimit(params)), (bill) => bill);
  },
  "/public_ips": list(({ snapshot }) => snapshot.publicIps, publicIpListSchema),
  "/": () =>
    ok(
      `Welcome to threefold grid proxy server, available endpoints ${Object.keys(ROUTES)
        .map((path) => `[${path}] `)
        .join("")}`,
    ),
  "/ping": () => ok({ ping: "pong" }),
  "/version": () => ok({ version: "v0.16.0-devgrid" }),
  "/health": health,
};

/** Answers one path; undefined when no route has it. */
export function route(path: string, context: Omit<RouteContext, "id">): HttpAnswer | undefined {
  const id = /\/(\d{1,15})(?=\/|$)/.exec(path);
  const template = id ? path.replace(id[0], "/{id}") : path;
  const handler = Object.hasOwn(ROUTES, template) ? ROUTES[template] : undefined;
  if (!handler) return undefined;
  try {
    return handler({ ...context, id: id ? Number(id[1]) : 0 });
  } catch (error) {
    return failure(error instanceof QueryError ? error.status : 500, messageOf(error));
  }
}

function list<Row>(rows: (context: RouteContext) => readonly Row[], schema: ListSchema<Row>): Handler {
  return (context) => page(selectPage(rows(context), context.params, schema), (row) => row);
}

/** The discount of `balance` comes before filters and order, which may be about the price. */
function listNodes({ snapshot, params }: RouteContext): HttpAnswer {
  const { balance } = parseLimit(params);
  const priced = snapshot.nodes.map((row) => ({ ...row, json: { ...row.json, price_usd: price(row, balance) } }));
  return page(selectNodes(priced, params), (row) => row.json);
}

function getGateway(context: RouteContext): HttpAnswer {
  const { json } = requireNode(context);
  return json.publicConfig.domain === "" ? failure(404, "gateway not found") : ok(nested(json));
}

/** Unlike its sisters, the real route answers 500 for an unknown node. */
function nodeStatus(context: RouteContext): HttpAnswer {
  const row = findNode(context);
  return row ? ok({ status: row.json.status }) : failure(500, "node not found");
}

function nodeStatistics(context: RouteContext): HttpAnswer {
  const { json } = requireNode(context);
  const facts = context.factsOf(json.nodeId);
  if (json.status !== "up" || !facts)
    return failure(500, `cannot fetch statistics from node ${json.nodeId} with status: ${json.status}`);
  if (!facts.isOnline) return failure(500, "failed to get get node statistics from relay: context deadline exceeded");
  return ok(facts.statistics());
}

function nodeGpus(context: RouteContext): HttpAnswer {
  const { json } = requireNode(context);
  const facts = context.factsOf(json.nodeId);
  if (json.status !== "up" || !facts)
    return failure(500, `cannot fetch GPU information from node ${json.nodeId} with status: ${json.status}`);
  if (!facts.isOnline)
    return failure(500, "failed to get get node GPU information from relay: context deadline exceeded");
  const cards = facts.gpus.map(({ id, vendor, device, contract }) => ({
    node_twin_id: json.twinId,
    id,
    vendor,
    device,
    contract,
    updated_at: 0,
  }));
  return ok(cards.length > 0 ? cards : null);
}

function getContract({ snapshot, id }: RouteContext): HttpAnswer {
  const contract = snapshot.contracts.find((one) => one.contract_id === id);
  return contract ? ok(contract) : failure(500, "contract not found");
}

function health({ now }: RouteContext): HttpAnswer {
  const names = ["gpu", "health", "dmi", "speed", "ipv6", "workloads", "features"];
  return ok({
    total_state_ok: true,
    db_conn: "ok",
    rmb_conn: "ok",
    indexers: Object.fromEntries(names.map((name) => [name, { updated_at: now }])),
  });
}

function findNode({ snapshot, id }: RouteContext): NodeRow | undefined {
  return snapshot.nodes.find(({ json }) => json.nodeId === id);
}

function requireNode(context: RouteContext): NodeRow {
  const row = findNode(context);
  if (!row) throw new QueryError("node not found", 404);
  return { ...row, json: { ...row.json, price_usd: price(row, 0) } };
}

function price(row: NodeRow, balance: number): number {
  return Math.round(discountedPrice(row.fullPrice, balance) * 1000) / 1000;
}

/** Single nodes carry their resources one level deeper than lists do. */
function nested({ total_resources, used_resources, ...rest }: NodeJson): unknown {
  return { ...rest, capacity: { total_resources, used_resources } };
}

function page<Row>({ rows, headers }: Page<Row>, show: (row: Row) => unknown): HttpAnswer {
  return jsonAnswer(200, rows.map(show), headers);
}

function ok(value: unknown): HttpAnswer {
  return jsonAnswer(200, value);
}

function failure(status: number, message: string): HttpAnswer {
  return jsonAnswer(status, { error: message });
}
