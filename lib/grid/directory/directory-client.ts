import type { DirectoryClient, DirectoryContract, DirectoryFarm, DirectoryNode } from "../clients";
import { directoryNonsense } from "./directory-errors";
import { DirectoryTransport, type DirectoryTransportOptions } from "./directory-transport";
import { parseContract, parseFarm, parseNode } from "./parse-answer";

/** Rows per page, and how many pages are followed before the list is held to be endless. */
const PAGE_SIZE = 200;
const MAX_PAGES = 250;

/** A client of the grid's REST directory. Opens nothing before it is asked something. */
export function createDirectoryClient(options: DirectoryTransportOptions): DirectoryClient {
  const transport = new DirectoryTransport(options);
  return {
    listNodes: (query, signal) =>
      listAll<DirectoryNode>(transport, {
        path: "/nodes",
        query,
        parse: parseNode,
        idOf: (node) => node.nodeId,
        signal,
      }),

    getNode: async (nodeId, signal) => {
      const path = `/nodes/${nodeId}`;
      const answer = await transport.get(path, signal);
      return answer && parseNode(path, answer.json);
    },

    listFarms: (query, signal) =>
      listAll<DirectoryFarm>(transport, {
        path: "/farms",
        query,
        parse: parseFarm,
        idOf: (farm) => farm.farmId,
        signal,
      }),

    listContracts: (twinId, signal) =>
      listAll<DirectoryContract>(transport, {
        path: "/contracts",
        query: { twin_id: twinId, state: "Created,GracePeriod" },
        parse: parseContract,
        idOf: (contract) => contract.contractId,
        signal,
      }),
  };
}

interface ListRequest<Row> {
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean>>;
  readonly parse: (path: string, value: unknown) => Row;
  /** Rows may move between pages while they are read: each is kept once. */
  readonly idOf: (row: Row) => number;
  readonly signal: AbortSignal | undefined;
}

/** Follows the pages until the count is reached or a page is not full. */
async function listAll<Row>(transport: DirectoryTransport, request: ListRequest<Row>): Promise<Row[]> {
  const rows = new Map<number, Row>();
  for (let page = 1; page <= MAX_PAGES; page++) {
    const path = `${request.path}?${pageQuery(request.query, page)}`;
    const answer = await transport.get(path, request.signal);
    if (!answer || !Array.isArray(answer.json)) throw directoryNonsense(path, "it is no list", answer?.json ?? "404");
    for (const value of answer.json) {
      const row = request.parse(path, value);
      rows.set(request.idOf(row), row);
    }
    const isLast = answer.json.length < PAGE_SIZE || page * PAGE_SIZE >= (answer.count ?? Number.POSITIVE_INFINITY);
    if (isLast) return [...rows.values()];
  }
  throw directoryNonsense(request.path, `the list has more than ${MAX_PAGES} pages`, `${rows.size} rows so far`);
}

function pageQuery(query: ListRequest<unknown>["query"], page: number): URLSearchParams {
  const asked = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return new URLSearchParams({
    ...Object.fromEntries(asked),
    page: String(page),
    size: String(PAGE_SIZE),
    ret_count: "true",
  });
}
