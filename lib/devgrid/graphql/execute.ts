import type { DirectorySnapshot } from "../directory/snapshot";
import { ENTITIES, type Entity, type EntitySource } from "./entities";
import { GraphqlError, type GraphqlField, type GraphqlObject, type GraphqlValue } from "./query-parser";

/** The indexer's page size when a query names none. */
const DEFAULT_LIMIT = 50;

type Test = (field: unknown, value: GraphqlValue) => boolean;

/** Suffixes of `where` fields. @source squid GraphQL server, where-input operators */
const TESTS: Readonly<Record<string, Test>> = {
  eq: isSame,
  not_eq: (field, value) => !isSame(field, value),
  in: (field, value) => listOf(value).some((item) => isSame(field, item)),
  not_in: (field, value) => !listOf(value).some((item) => isSame(field, item)),
  gt: (field, value) => Number(field) > Number(value),
  gte: (field, value) => Number(field) >= Number(value),
  lt: (field, value) => Number(field) < Number(value),
  lte: (field, value) => Number(field) <= Number(value),
  contains: (field, value) => String(field).includes(String(value)),
  containsInsensitive: (field, value) => String(field).toLowerCase().includes(String(value).toLowerCase()),
  startsWith: (field, value) => String(field).startsWith(String(value)),
  isNull: (field, value) => (field === null) === value,
};

/** Answers the fields of a query from a snapshot. @throws {GraphqlError} for names that the schema lacks */
export function execute(fields: readonly GraphqlField[], snapshot: DirectorySnapshot): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.alias, rootField(field, snapshot)]));
}

function rootField(field: GraphqlField, snapshot: DirectorySnapshot): unknown {
  if (field.name === "__typename") return "Query";
  const listName = field.name.replace(/Connection$/, "");
  const source = Object.hasOwn(ENTITIES, listName) ? ENTITIES[listName] : undefined;
  if (!source) throw new GraphqlError(`Cannot query field "${field.name}" on type "Query".`);
  const found = select(source, field.args, snapshot);
  if (field.name !== listName) return connection(field, found);
  const offset = numberOf(field.args.offset, 0);
  const limit = numberOf(field.args.limit, DEFAULT_LIMIT);
  return found.slice(offset, offset + limit).map((entity) => pick(entity, field));
}

function select(source: EntitySource, args: GraphqlObject, snapshot: DirectorySnapshot): Entity[] {
  const where = args.where;
  const entities = source(snapshot).filter((entity) => !isObject(where) || matches(entity, where));
  const orders = listOf(args.orderBy ?? []).map(String);
  return entities.sort((a, b) => {
    for (const order of orders) {
      const difference = compareBy(order, a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

function connection(field: GraphqlField, found: readonly Entity[]): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  for (const child of field.fields) {
    if (child.name === "totalCount") answer[child.alias] = found.length;
    else if (child.name === "edges") answer[child.alias] = found.map((node) => pick({ node }, child));
    else throw new GraphqlError(`Cannot query field "${child.name}" on type "${field.name}".`);
  }
  return answer;
}

/** All conditions of a `where` hold; `AND` and `OR` hold lists or single objects of the same shape. */
function matches(entity: Entity, where: GraphqlObject): boolean {
  const { AND: and, OR: or, ...conditions } = where;
  const own = Object.entries(conditions);
  if (objectsOf(or).some((inner) => matches(entity, inner))) return true;
  if (or !== undefined && and === undefined && own.length === 0) return false;
  return (
    own.every(([name, value]) => holds(entity, name, value)) && objectsOf(and).every((inner) => matches(entity, inner))
  );
}

function holds(entity: Entity, condition: string, value: GraphqlValue): boolean {
  const [, field = "", operator = ""] = /^(.+?)_(.+)$/.exec(condition) ?? [];
  const test = Object.hasOwn(TESTS, operator) ? TESTS[operator] : undefined;
  if (!test || !Object.hasOwn(entity, field))
    throw new GraphqlError(`Field "${condition}" is not defined by the where input.`);
  return test(entity[field], value);
}

function pick(entity: Entity, { fields, name }: GraphqlField): Record<string, unknown> {
  if (fields.length === 0) throw new GraphqlError(`Field "${name}" must have a selection of subfields.`);
  return Object.fromEntries(fields.map((field) => [field.alias, pickField(entity, field)]));
}

function pickField(entity: Entity, field: GraphqlField): unknown {
  if (field.name === "__typename") return "Entity";
  if (!Object.hasOwn(entity, field.name)) throw new GraphqlError(`Cannot query field "${field.name}".`);
  const value = entity[field.name];
  if (Array.isArray(value)) return value.map((item: Entity) => pick(item, field));
  return isEntity(value) ? pick(value, field) : value;
}

function compareBy(order: string, a: Entity, b: Entity): number {
  const [, field = "", direction] = /^(.+)_(ASC|DESC)$/.exec(order) ?? [];
  if (!Object.hasOwn(a, field)) throw new GraphqlError(`Value "${order}" does not exist in the orderBy enum.`);
  const sign = direction === "DESC" ? -1 : 1;
  return sign * String(a[field]).localeCompare(String(b[field]), "en", { numeric: true });
}

/** Numbers may be asked as texts and the other way round: BigInt fields are texts on the wire. */
function isSame(field: unknown, value: GraphqlValue): boolean {
  return field === value || (field !== null && value !== null && String(field) === String(value));
}

function listOf(value: GraphqlValue): readonly GraphqlValue[] {
  return Array.isArray(value) ? value : [value];
}

function objectsOf(value: GraphqlValue | undefined): GraphqlObject[] {
  return value === undefined ? [] : listOf(value).filter(isObject);
}

function isObject(value: GraphqlValue | undefined): value is GraphqlObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEntity(value: unknown): value is Entity {
  return typeof value === "object" && value !== null;
}

function numberOf(value: GraphqlValue | undefined, fallback: number): number {
  return typeof value === "number" && value >= 0 ? value : fallback;
}
