import type { Log } from "../../../core/log";
import type { ProviderDefinition } from "../../resource";
import type { BlockSchema } from "../../schema/schema";
import { type ObjectShape, shapeOf } from "../values/shape";
import type { Message, MessageInit } from "../wire/messages";
import type { Catalog } from "./catalog";
import { Report } from "./report";
import type { Walk } from "./walk";

/** Methods of the Terraform service that are answered; Terraform takes the others as unsupported. */
export const rpcNames = [
  "GetMetadata",
  "GetProviderSchema",
  "ValidateProviderConfig",
  "ValidateResourceConfig",
  "ValidateDataResourceConfig",
  "UpgradeResourceState",
  "ConfigureProvider",
  "ReadResource",
  "PlanResourceChange",
  "ApplyResourceChange",
  "ImportResourceState",
  "MoveResourceState",
  "ReadDataSource",
  "StopProvider",
  "GetFunctions",
] as const;

/** Name of an answered method. */
export type RpcName = (typeof rpcNames)[number];

/** One method: takes a request, answers always. What goes wrong is in the answer's diagnostics. */
export type Rpc<N extends RpcName> = (request: Message<`${N}.Request`>) => Promise<MessageInit<`${N}.Response`>>;

/** Every method of the Terraform service. */
export type Rpcs = { readonly [N in RpcName]: Rpc<N> };

/** What the methods work with. */
export interface Service {
  readonly definition: ProviderDefinition;
  readonly catalog: Catalog;
  readonly walk: Walk;
  readonly log: Log;
}

/** What one call is about. */
export interface Subject<S> {
  /** For messages: `planning threefold_network`. */
  readonly doing: string;
  /** Finds the owner of the schema that the call's values follow. */
  readonly find: () => S;
}

/** What the body of a call gets. */
export interface Call<S> {
  readonly owner: S;
  readonly shape: ObjectShape;
  readonly report: Report;
}

/** The diagnostics of an answer, and what the body made unless it threw. */
type Answer<T> = Partial<T> & { readonly diagnostics: MessageInit<"Diagnostic">[] };

/** Runs the body of a call. Whatever it throws becomes a diagnostic: nothing else would reach the user readably. */
export async function answer<S extends { readonly schema: BlockSchema }, T extends object>(
  service: Service,
  { doing, find }: Subject<S>,
  body: (call: Call<S>) => Promise<T>,
): Promise<Answer<T>> {
  const report = new Report(doing, service.log);
  let shape: ObjectShape | undefined;
  let made: Partial<T> = {};
  try {
    const owner = find();
    shape = shapeOf(owner.schema);
    made = await body({ owner, shape, report });
  } catch (error) {
    report.thrown(error);
  }
  return { ...made, diagnostics: report.toWire(shape) };
}
