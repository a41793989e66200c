/** An argument as written, variables already put in: enums are texts. */
export type GraphqlValue = null | boolean | number | string | readonly GraphqlValue[] | GraphqlObject;

/** An object argument. */
export interface GraphqlObject {
  readonly [name: string]: GraphqlValue;
}

/** A selected field. */
export interface GraphqlField {
  /** Key in the schema. */
  readonly name: string;
  /** Key of the answer. */
  readonly alias: string;
  /** Empty when there are none. */
  readonly args: GraphqlObject;
  /** Empty for leaves. */
  readonly fields: readonly GraphqlField[];
}

/** A query that cannot be read or answered; the message goes back to the caller. */
export class GraphqlError extends Error {}

/** Deepest nesting of fields and values: a query is hostile input. */
const MAX_DEPTH = 32;

const TOKEN =
  /[\s,\uFEFF]+|#[^\n\r]*|(\.\.\.|[!$():=@[\]{|}]|[A-Za-z_]\w*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\n]|\\.)*")/uy;

/**
 * Reads the subset of GraphQL that grid clients send: one query operation with variables, aliases, arguments and nested
 * fields. Fragments, directives, mutations and block strings are refused.
 *
 * @throws {GraphqlError} naming what was not understood
 */
export function parseQuery(text: string, variables: GraphqlObject): readonly GraphqlField[] {
  return new QueryParser(tokenize(text), variables).document();
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new GraphqlError(`Syntax Error: Unexpected character: ${JSON.stringify(text[start])}.`);
    if (match[1] !== undefined) tokens.push(match[1]);
  }
  return tokens;
}

class QueryParser {
  readonly #tokens: readonly string[];
  readonly #variables: GraphqlObject;
  readonly #defaults: Record<string, GraphqlValue> = {};
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly string[], variables: GraphqlObject) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  document(): readonly GraphqlField[] {
    if (this.#peek() === "query") {
      this.#next();
      if (isName(this.#peek())) this.#next();
      if (this.#peek() === "(") this.#variableDefinitions();
    }
    const fields = this.#selection();
    if (this.#peek() !== undefined) throw unexpected(this.#peek());
    return fields;
  }

  /** Types are not checked: only names and defaults matter here. */
  #variableDefinitions(): void {
    this.#expect("(");
    while (!this.#take(")")) {
      this.#expect("$");
      const name = this.#name();
      this.#expect(":");
      this.#type();
      if (this.#take("=")) this.#defaults[name] = this.#value();
      else if (!(name in this.#variables)) this.#defaults[name] = null;
    }
  }

  #type(): void {
    this.#nested(() => {
      if (this.#take("[")) {
        this.#type();
        this.#expect("]");
      } else this.#name();
      this.#take("!");
    });
  }

  #selection(): GraphqlField[] {
    return this.#nested(() => {
      const fields: GraphqlField[] = [];
      this.#expect("{");
      while (!this.#take("}")) fields.push(this.#field());
      if (fields.length === 0) throw unexpected("}");
      return fields;
    });
  }

  #field(): GraphqlField {
    const first = this.#name();
    const name = this.#take(":") ? this.#name() : first;
    const args = this.#peek() === "(" ? this.#members("(", ")") : {};
    const fields = this.#peek() === "{" ? this.#selection() : [];
    return { name, alias: first, args, fields };
  }

  /** `name: value` pairs between two brackets: arguments and object values alike. */
  #members(open: string, close: string): GraphqlObject {
    return this.#nested(() => {
      const members: Record<string, GraphqlValue> = {};
      this.#expect(open);
      while (!this.#take(close)) {
        const name = this.#name();
        this.#expect(":");
        members[name] = this.#value();
      }
      return members;
    });
  }

  #value(): GraphqlValue {
    const token = this.#peek();
    if (token === "{") return this.#members("{", "}");
    if (token === "[") return this.#list();
    this.#next();
    if (token === "$") return this.#variable(this.#name());
    if (token === undefined) throw unexpected(token);
    if (token === "true" || token === "false") return token === "true";
    if (token === "null") return null;
    if (isName(token)) return token;
    if (/^["\-\d]/.test(token)) return literal(token);
    throw unexpected(token);
  }

  #list(): GraphqlValue[] {
    return this.#nested(() => {
      const items: GraphqlValue[] = [];
      this.#expect("[");
      while (!this.#take("]")) items.push(this.#value());
      return items;
    });
  }

  #variable(name: string): GraphqlValue {
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : this.#defaults[name];
    if (value === undefined) throw new GraphqlError(`Variable "$${name}" is not defined.`);
    return value;
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new GraphqlError("Syntax Error: nested too deep.");
    const result = read();
    this.#depth--;
    return result;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  #next(): string | undefined {
    return this.#tokens[this.#position++];
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#position++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw unexpected(this.#peek(), token);
  }

  #name(): string {
    const token = this.#next();
    if (token === undefined || !isName(token)) throw unexpected(token, "Name");
    return token;
  }
}

function isName(token: string | undefined): token is string {
  return token !== undefined && /^[A-Za-z_]/.test(token);
}

/** Numbers and texts are written as in JSON. */
function literal(token: string): GraphqlValue {
  try {
    return JSON.parse(token) as number | string;
  } catch (cause) {
    throw new GraphqlError(`Syntax Error: bad value ${token}.`, { cause });
  }
}

function unexpected(token: string | undefined, wanted?: string): GraphqlError {
  const found = token === undefined ? "<EOF>" : `"${token}"`;
  return new GraphqlError(`Syntax Error: ${wanted ? `Expected "${wanted}", found` : "Unexpected"} ${found}.`);
}
