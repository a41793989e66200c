import type { TypeOf } from "./codec";
import type { metadataV14 } from "./metadata-codec";

/** Everything a client needs to read and write the chain. */
export type Metadata = TypeOf<typeof metadataV14>;
type PortableType = Metadata["types"][number][1];

/** The shape of a type. */
export type TypeDefinition = PortableType["def"];
/** One field of a struct or of an enum's variant. */
export type PortableField = Extract<TypeDefinition, { kind: "composite" }>["value"]["fields"][number];
/** A type parameter, which clients read from options and from the extrinsic type. */
export type TypeParameter = PortableType["params"][number];

/** A type with the name clients know it by. */
export interface TypeDescription {
  readonly path?: string;
  readonly params?: readonly TypeParameter[];
  readonly def: TypeDefinition;
}

/** One field. */
export function field(type: number, name?: string): PortableField {
  return { name, type, typeName: undefined, docs: [] };
}

/** A struct of these fields. */
export function compositeOf(fields: readonly PortableField[]): TypeDefinition {
  return { kind: "composite", value: { fields } };
}

/** An enum of these variants. */
export function variantsOf(
  variants: readonly { readonly name: string; readonly index: number; readonly fields: readonly PortableField[] }[],
): TypeDefinition {
  return { kind: "variant", value: { variants: variants.map((variant) => ({ ...variant, docs: [] })) } };
}

/** Numbers types for the portable registry inside metadata; equal types share a number. */
export class TypeTable {
  readonly #types: TypeDescription[] = [];
  readonly #named = new Map<object, number>();
  readonly #anonymous = new Map<string, number>();

  /** Numbers a named type once; its number exists before its parts are described, so a type may contain itself. */
  named(identity: object, describe: () => TypeDescription): number {
    const known = this.#named.get(identity);
    if (known !== undefined) return known;
    const id = this.#types.push({ def: compositeOf([]) }) - 1;
    this.#named.set(identity, id);
    this.#types[id] = describe();
    return id;
  }

  /** Numbers a type by its content. */
  anonymous(description: TypeDescription): number {
    const content = JSON.stringify(description);
    const known = this.#anonymous.get(content);
    if (known !== undefined) return known;
    const id = this.#types.push(description) - 1;
    this.#anonymous.set(content, id);
    return id;
  }

  /** The types in the order of their numbers. */
  list(): Metadata["types"] {
    return this.#types.map(({ path, params, def }, id) => [
      id,
      { path: path?.split("::") ?? [], params: params ?? [], def, docs: [] },
    ]);
  }
}
