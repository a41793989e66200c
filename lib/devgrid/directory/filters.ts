import {
  type Filter,
  type Predicate,
  parseBoolean,
  parseFloatNumber,
  parseUnsigned,
  parseUnsignedList,
  QueryError,
} from "./query";

/** Where a parameter is repeated, the last value counts, as in the real decoder. */
const last = (values: readonly string[]): string => values[values.length - 1] ?? "";

/** Matches rows whose number is at least the value. */
export function atLeast<Row>(read: (row: Row) => number): Filter<Row> {
  return (values, name) => {
    const bound = parseUnsigned(last(values), name);
    return (row) => read(row) >= bound;
  };
}

/** Matches by any test against a number. */
export function byNumber<Row>(test: (row: Row, value: number) => boolean): Filter<Row> {
  return (values, name) => {
    const value = parseUnsigned(last(values), name);
    return (row) => test(row, value);
  };
}

/** Matches by any test against a decimal. */
export function byDecimal<Row>(test: (row: Row, value: number) => boolean): Filter<Row> {
  return (values, name) => {
    const value = parseFloatNumber(last(values), name);
    return (row) => test(row, value);
  };
}

/** Matches rows whose number is the value. */
export function equals<Row>(read: (row: Row) => number | undefined): Filter<Row> {
  return byNumber((row, value) => read(row) === value);
}

/** Matches rows whose number is in the list. */
export function isIn<Row>(read: (row: Row) => number): Filter<Row> {
  return (values, name) => {
    const list = new Set(parseUnsignedList(values, name));
    return (row) => list.has(read(row));
  };
}

/** Matches rows whose number is not in the list. */
export function isNotIn<Row>(read: (row: Row) => number): Filter<Row> {
  return (values, name) => {
    const list = new Set(parseUnsignedList(values, name));
    return (row) => !list.has(read(row));
  };
}

/** Matches rows whose claim has the value; an unknown claim matches neither. */
export function claims<Row>(read: (row: Row) => boolean | undefined): Filter<Row> {
  return (values, name) => {
    const value = parseBoolean(last(values), name);
    return (row) => read(row) === value;
  };
}

/** Matches rows whose text is the value exactly. */
export function isText<Row>(read: (row: Row) => string | undefined): Filter<Row> {
  return (values) => (row) => read(row) === last(values);
}

/** Matches rows whose text is the value, ignoring case. */
export function isTextIgnoringCase<Row>(read: (row: Row) => string | undefined): Filter<Row> {
  return (values) => {
    const text = last(values).toLowerCase();
    return (row) => read(row)?.toLowerCase() === text;
  };
}

/** Matches rows one of whose texts contains the value, ignoring case. */
export function containsText<Row>(read: (row: Row) => readonly string[]): Filter<Row> {
  return (values) => {
    const part = last(values).toLowerCase();
    return (row) => read(row).some((text) => text.toLowerCase().includes(part));
  };
}

/** Matches rows whose text is in the comma separated list, ignoring case. */
export function isInTexts<Row>(read: (row: Row) => string): Filter<Row> {
  return (values) => {
    const list = new Set(last(values).toLowerCase().split(","));
    return (row) => list.has(read(row).toLowerCase());
  };
}

/** Matches nodes in one of the statuses. Another word breaks the real service's SQL. */
export function hasStatus<Row>(read: (row: Row) => string): Filter<Row> {
  return (values) => {
    const list = last(values).split(",");
    if (list.some((word) => !["up", "down", "standby"].includes(word)))
      throw new QueryError('ERROR: syntax error at or near ")" (SQLSTATE 42601)', 500);
    return (row) => list.includes(read(row));
  };
}

/** What nodes may offer. @source tfgrid-sdk-go grid-proxy/pkg/types/validators.go */
const FEATURES = new Set(
  "zmount zdb volume ipv4 ip gateway-name-proxy gateway-fqdn-proxy qsfs zlogs network zmachine zmachine-light network-light wireguard yggdrasil mycelium".split(
    " ",
  ),
);

/** Matches nodes that offer all features of the list. */
export function hasFeatures<Row>(read: (row: Row) => readonly string[]): Filter<Row> {
  return (values): Predicate<Row> => {
    const wanted = last(values).split(",");
    const unknown = wanted.find((feature) => !FEATURES.has(feature));
    if (unknown !== undefined) throw new QueryError(`${unknown} is not a valid node feature`);
    return (row) => wanted.every((feature) => read(row).includes(feature));
  };
}
