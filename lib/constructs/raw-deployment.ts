/**
 * Any workloads of the grid, in its own format, on one node under one contract: for what the other constructs do not cover.
 * You pay for what the workloads use.
 *
 * @example
 * const log = new RawDeployment(this, "log", {
 *   workloads: [
 *     { name: "store", type: "zdb", data: { size: 10 * 1024 ** 3, mode: "seq", password: Secret.fromEnv("LOG_PASSWORD") } },
 *   ],
 * });
 * new TerraformOutput(this, "namespace", { value: log.result("store", "Namespace") });
 */
import { Fn, propertyAccess, Token } from "cdktf";
import { Construct } from "constructs";
import { GIB, MIB } from "../core/units";
import { checkRawWorkloads, rawCapacity } from "../model/raw/raw-workloads";
import { Deployment } from "./gen/deployment";
import type { Placement } from "./placement";
import { GridContext } from "./private/grid-context";
import { flag, isSecret, listOf, object, optional, placement, record, text, textOrSecret } from "./private/kinds";
import type { NodeNeeds } from "./private/node-choices";
import { check, checkIdentity, checkName } from "./private/problems";
import type { Secret } from "./secret";

/** One workload as the grid has it; version and result are not for you to give. */
export interface RawWorkload {
  /** Unique in its deployment: 1 to 36 letters, digits and `_`. */
  readonly name: string;
  /** `zmachine`, `zmount`, `volume`, `network`, `zdb`, `ip`, `qsfs`, `zlogs`, … */
  readonly type: string;
  /** Arguments in the grid's own words, sizes in bytes. A `Secret` may stand in place of any text. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Text for other software. @default none */
  readonly metadata?: string | Secret;
  /** Text for people. @default none */
  readonly description?: string | Secret;
}

/** Properties of a raw deployment. */
export interface RawDeploymentProps {
  /** What runs. The order does not matter. */
  readonly workloads: readonly RawWorkload[];
  /** Text for other clients, by convention JSON with `type`, `name` and `projectName`. @default one of type `deployment` */
  readonly metadata?: string;
  /** Text for people. @default none */
  readonly description?: string;
  /** Where it runs. @default any node that has the workloads' types among its features, and room for them */
  readonly placement?: Placement;
  /** Lets a change in place lose disks and namespaces instead of replacing the whole. @default false */
  readonly allowDataLoss?: boolean;
  /** Name people see: 1 to 36 letters, digits and `_`. @default made from the construct's id */
  readonly name?: string;
  /** What makes it the same deployment from one run to the next. @default the construct's path */
  readonly identity?: string;
}

/** Workloads under one contract. */
export class RawDeployment extends Construct {
  /** The Terraform resource, for what this class does not cover. */
  readonly resource: Deployment;
  /** What makes it the same deployment from one run to the next. */
  readonly identity: string;
  /** Number of the node it runs on. */
  readonly nodeId: number;

  constructor(scope: Construct, id: string, props: RawDeploymentProps) {
    super(scope, id);
    // Properties that are none at all are for the check to refuse.
    const workloads = written(props?.workloads);
    const json = isKnown(workloads) ? JSON.stringify(workloads) : undefined;
    check(this, props, [checkName, checkIdentity, () => (json === undefined ? [] : checkRawWorkloads(json))], kind);
    const context = GridContext.of(this);
    const { name, identity } = context.name(this, props);
    this.identity = identity;
    this.nodeId = context.nodes.request(identity, { needs: needsOf(props, json), placement: props.placement });
    this.resource = new Deployment(this, "Default", {
      project: context.project,
      name,
      identity,
      nodeId: this.nodeId,
      workloads: json ?? Fn.jsonencode(workloads),
      metadata: props.metadata,
      description: props.description,
      allowDataLoss: props.allowDataLoss,
    });
  }

  /** A fact that the node gives about a workload: `result("vm", "ip")`, `result("store", "Namespace")`. */
  result(workload: string, fact: string): string {
    const facts = Fn.jsondecode(this.resource.results.lookup(workload));
    return Token.asString(propertyAccess(facts, [fact]));
  }

  /** Number of its contract. */
  get contractId(): string {
    return this.resource.contractId;
  }

  /** `ok`, or what the next apply repairs. */
  get status(): string {
    return this.resource.status;
  }

  /** Takes over a deployment that exists, by the number of its contract. */
  importFrom(contractId: string): void {
    this.resource.importFrom(contractId);
  }
}

/** The workloads as the provider reads them: secrets as references. */
function written(value: unknown): unknown {
  if (isSecret(value)) return { $secret: value.reference };
  if (Array.isArray(value) && !Token.isUnresolved(value)) return value.map(written);
  if (typeof value !== "object" || value === null || Token.isUnresolved(value)) return value;
  const given = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(given.map(([name, item]) => [name, written(item)]));
}

/** Whether nothing in it is for Terraform to fill in. */
function isKnown(value: unknown): boolean {
  if (Token.isUnresolved(value)) return false;
  if (Array.isArray(value)) return value.every(isKnown);
  return typeof value !== "object" || value === null || Object.values(value).every(isKnown);
}

/** @param json the workloads as text; undefined when something in them is for Terraform to fill in */
function needsOf({ workloads }: RawDeploymentProps, json: string | undefined): NodeNeeds {
  const features = [...new Set(workloads.map(({ type }) => type))];
  if (json === undefined) return { features };
  const { cru, mru, sru, hru, ipv4u } = rawCapacity(json);
  return {
    cpu: cru || undefined,
    memoryMib: Math.ceil(mru / MIB) || undefined,
    ssdGib: Math.ceil(sru / GIB) || undefined,
    hddGib: Math.ceil(hru / GIB) || undefined,
    freeIpv4: ipv4u || undefined,
    features,
  };
}

const kind = record<RawDeploymentProps>({
  workloads: listOf(
    record<RawWorkload>({
      name: text,
      type: text,
      data: object,
      metadata: optional(textOrSecret),
      description: optional(textOrSecret),
    }),
  ),
  metadata: optional(text),
  description: optional(text),
  placement: optional(placement),
  allowDataLoss: optional(flag),
  name: optional(text),
  identity: optional(text),
});
