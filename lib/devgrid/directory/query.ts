/**
 * Query strings as the directory reads them: strict about names and values, with the real texts.
 *
 * @source tfgrid-sdk-go grid-proxy/internal/explorer/param_parser.go, pkg/types/limit.go; gorilla/schema error texts
 */

/** A refused query: becomes `{"error": message}`. */
export class QueryError extends Error {
  /** HTTP status, 400 unless the real service falls over the value. */
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** Whether a row matches. */
export type Predicate<Row> = (row: Row) => boolean;

/** Makes a predicate of a parameter's non-empty values. @throws {QueryError} when a value is of the wrong kind */
export type Filter<Row> = (values: readonly string[], name: string) => Predicate<Row>;

/** Filters by parameter name. */
export type FilterTable<Row> = Readonly<Record<string, Filter<Row>>>;

/** What a row is sorted by. */
export type SortKey = string | number | boolean;

/** What a list may be asked. */
export interface ListSchema<Row> {
  /** What may be asked beside paging and order; anything else is refused. */
  readonly filters: FilterTable<Row>;
  /** Sortable fields. */
  readonly sorts: Readonly<Record<string, (row: Row) => SortKey>>;
  /** Name in the text of a wrong sort field: `Node`. */
  readonly typeName: string;
  /** The order when none is asked. */
  readonly defaultSort: string;
  /** Rows of a lower rank come first, whatever the order asked. */
  readonly rank?: (row: Row) => number;
}

/** Paging and order, which every list knows. */
export interface Limit {
  /** From 1. @default 1 */
  readonly page: number;
  /** Rows per page, without a maximum. @default 50 */
  readonly size: number;
  /** Puts the number of all matches in the headers. @default false */
  readonly retCount: boolean;
  /** Any order, whatever `sortBy` says. @default false */
  readonly isRandom: boolean;
  /** One of the list's sort fields. @default the list's own order */
  readonly sortBy: string | undefined;
  /** @default false */
  readonly isDescending: boolean;
  /** Dollars; earns the discount in `price_usd`. */
  readonly balance: number;
}

/** One page of a list. */
export interface Page<Row> {
  /** Empty past the last page. */
  readonly rows: readonly Row[];
  /** `count`, `size` and `pages` when asked for. */
  readonly headers: Readonly<Record<string, string>>;
}

const LIMIT_NAMES = new Set(["page", "size", "ret_count", "randomize", "sort_by", "sort_order", "balance"]);

/** Reads the paging parameters. */
export function parseLimit(params: URLSearchParams): Limit {
  const last = (name: string) => params.getAll(name).findLast((value) => value !== "");
  const read = <T>(name: string, parse: (text: string, name: string) => T, fallback: T): T => {
    const text = last(name);
    return text === undefined ? fallback : parse(text, name);
  };
  return {
    page: Math.max(1, read("page", parseUnsigned, 1)),
    size: read("size", parseUnsigned, 50),
    retCount: read("ret_count", parseBoolean, false),
    isRandom: read("randomize", parseBoolean, false),
    sortBy: last("sort_by"),
    isDescending: parseOrder(last("sort_order")),
    balance: read("balance", parseFloatNumber, 0),
  };
}

/** Refuses parameters that no table knows, and makes one predicate of the rest. */
export function parseFilters<Row>(params: URLSearchParams, filters: FilterTable<Row>): Predicate<Row> {
  const wanted = namedValues(params).filter(([name]) => !LIMIT_NAMES.has(name));
  const unknown = wanted.filter(([name]) => !Object.hasOwn(filters, name));
  if (unknown[0]) throw decodeError(`schema: invalid path "${unknown[0][0]}"`, unknown.length - 1);
  const predicates = wanted.map(([name, values]) => filters[name]?.(values, name) ?? (() => true));
  return (row) => predicates.every((matches) => matches(row));
}

/** Filters, sorts and cuts a list as the parameters ask. */
export function selectPage<Row>(rows: readonly Row[], params: URLSearchParams, schema: ListSchema<Row>): Page<Row> {
  const limit = parseLimit(params);
  const matches = parseFilters(params, schema.filters);
  const sortKey = schema.sorts[limit.sortBy ?? schema.defaultSort];
  if (!sortKey) throw new QueryError(`"${limit.sortBy}" is not a sort field for ${schema.typeName} type`);
  const found = rows.filter(matches);
  const rank = schema.rank ?? (() => 0);
  const sorted = limit.isRandom ? shuffle(found) : found.sort(order(sortKey, limit.isDescending, rank));
  return cut(sorted, limit);
}

/** The page of an already sorted list. */
export function cut<Row>(rows: readonly Row[], limit: Limit): Page<Row> {
  const { page, size } = limit;
  const headers = {
    count: String(rows.length),
    size: String(size),
    pages: String(size > 0 ? Math.ceil(rows.length / size) : 0),
  };
  return { rows: rows.slice((page - 1) * size, page * size), headers: limit.retCount ? headers : {} };
}

/** Parameters with their non-empty values; a parameter without any is as good as absent. */
function namedValues(params: URLSearchParams): [string, string[]][] {
  const names = [...new Set(params.keys())];
  return names
    .map((name): [string, string[]] => [name, params.getAll(name).filter((value) => value !== "")])
    .filter(([, values]) => values.length > 0);
}

/** Parameters that a table knows, apart from the rest: for filters about one thing that a row has many of. */
export function splitParams(params: URLSearchParams, table: FilterTable<never>): [URLSearchParams, URLSearchParams] {
  const known = new URLSearchParams();
  const rest = new URLSearchParams();
  for (const [name, values] of namedValues(params))
    for (const value of values) (Object.hasOwn(table, name) ? known : rest).append(name, value);
  return [known, rest];
}

/** An unsigned decimal. */
export function parseUnsigned(text: string, name: string): number {
  if (!/^[0-9]{1,20}$/.test(text)) throw conversionError(`"${name}"`);
  return Number(text);
}

/** A boolean as Go reads it. */
export function parseBoolean(text: string, name: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw conversionError(`"${name}"`);
}

/** A decimal number. */
export function parseFloatNumber(text: string, name: string): number {
  const value = Number(text);
  if (text.trim() !== text || !Number.isFinite(value)) throw conversionError(`"${name}"`);
  return value;
}

/** Numbers, comma separated or repeated. */
export function parseUnsignedList(values: readonly string[], name: string): number[] {
  return values
    .flatMap((value) => value.split(","))
    .filter((item) => item !== "")
    .map((item, index) => {
      if (!/^[0-9]{1,20}$/.test(item)) throw conversionError(`index ${index} of "${name}"`);
      return Number(item);
    });
}

function parseOrder(text: string | undefined): boolean {
  if (text === undefined || /^asc$/i.test(text)) return false;
  if (/^desc$/i.test(text)) return true;
  throw new QueryError(`"${text}" is not a valid sort order`);
}

function conversionError(what: string): QueryError {
  return decodeError(`schema: error converting value for ${what}`, 0);
}

function decodeError(text: string, others: number): QueryError {
  const more = others === 0 ? "" : ` (and ${others} other error${others === 1 ? "" : "s"})`;
  return new QueryError(`failed to decode params: ${text}${more}`);
}

function order<Row>(key: (row: Row) => SortKey, isDescending: boolean, rank: (row: Row) => number) {
  const sign = isDescending ? -1 : 1;
  return (a: Row, b: Row) => rank(a) - rank(b) || sign * compare(key(a), key(b));
}

function compare(a: SortKey, b: SortKey): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function shuffle<Row>(rows: Row[]): Row[] {
  for (let last = rows.length - 1; last > 0; last--) {
    const pick = Math.floor(Math.random() * (last + 1));
    const [a, b] = [rows[last], rows[pick]];
    if (a !== undefined && b !== undefined) {
      rows[last] = b;
      rows[pick] = a;
    }
  }
  return rows;
}
