import { TerraformStack } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { GridError } from "../../core/errors";
import { MAX_IDENTITY, toWorkloadName } from "../../model/identity";
import type { Project } from "../gen/project";
import { NodeChoices } from "./node-choices";

/** Found on a stack even when this package was loaded twice. */
const CONTEXT = Symbol.for("cdktf-threefold/GridContext");

/** The project as every resource wants to have it. */
export interface ProjectReference {
  readonly id: string;
  readonly name: string;
  readonly keyScope: string;
}

/** What the constructs of one stack share: project, choice of nodes, and who has which identity. */
export class GridContext {
  /** For the `project` attribute. */
  readonly project: ProjectReference;
  /** Where node numbers come from. */
  readonly nodes: NodeChoices;
  readonly #stack: TerraformStack;
  readonly #owners = new Map<string, string>();

  constructor(stack: TerraformStack, project: Project) {
    this.#stack = stack;
    this.project = { id: project.id, name: project.name, keyScope: project.keyScope };
    // A project that is taken over may have had another name when it was made: its lineage tells that.
    this.nodes = new NodeChoices(stack, project.adoptInput ?? project.nameInput);
    Object.defineProperty(stack, CONTEXT, { value: this, enumerable: false });
  }

  /** The context of the stack a construct is in. @throws {GridError} TFG_NO_GRID_STACK in any other stack */
  static of(construct: IConstruct): GridContext {
    const stack = TerraformStack.of(construct) as TerraformStack & { readonly [CONTEXT]?: GridContext };
    const context = stack[CONTEXT];
    if (!context) throw noGridStack(construct, stack);
    return context;
  }

  /** Name and identity of a construct: given ones, or made from its id and its path. Each identity has one owner. */
  name(construct: Construct, given: { readonly name?: string; readonly identity?: string }): Named {
    const identity = given.identity ?? this.#pathIdentity(construct);
    this.claim(identity, construct.node.path);
    return { name: given.name ?? toWorkloadName(construct.node.id), identity };
  }

  /** Takes an identity. @throws {GridError} TFG_DUPLICATE_IDENTITY when it is taken */
  claim(identity: string, owner: string): void {
    const other = this.#owners.get(identity);
    if (other !== undefined) throw duplicateIdentity(identity, other, owner);
    this.#owners.set(identity, owner);
  }

  /** The path inside the stack: stable as long as the construct stays where it is in the program. */
  #pathIdentity(construct: Construct): string {
    const path = construct.node.path.slice(this.#stack.node.path.length + 1);
    const plain = path.replace(/[^A-Za-z0-9_./-]/g, "_").replace(/^[^A-Za-z0-9_]/, "_");
    return plain.length <= MAX_IDENTITY ? plain : toWorkloadName(path);
  }
}

/** What an object is called, and what makes it the same from one run to the next. */
export interface Named {
  readonly name: string;
  readonly identity: string;
}

function noGridStack(construct: IConstruct, stack: TerraformStack): GridError {
  return new GridError({
    code: "TFG_NO_GRID_STACK",
    summary: `${construct.constructor.name} "${construct.node.path}" is not inside a GridStack.`,
    facts: { "its stack": `${stack.constructor.name} "${stack.node.path}"` },
    standing: "Nothing was started.",
    remedy: "let the stack extend GridStack, which brings the provider, the project and the choice of nodes.",
  });
}

function duplicateIdentity(identity: string, first: string, second: string): GridError {
  return new GridError({
    code: "TFG_DUPLICATE_IDENTITY",
    summary: `Two constructs have the identity "${identity}".`,
    facts: { first, second },
    standing: "Nothing was started: the two would take over each other's contract.",
    remedy: "give one of them another identity, or leave it out: then it comes from the construct's path.",
  });
}
