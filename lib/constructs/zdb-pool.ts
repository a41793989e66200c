/**
 * Many key-value stores of one size and mode, each on a node of its own: what a program needs that cuts its data up and keeps
 * the pieces apart. You pay for their sizes; each is a contract of its own.
 *
 * @example
 * const pool = new ZdbPool(this, "pieces", { count: 4, size: Size.gib(50), mode: "seq" });
 * new TerraformOutput(this, "where", { value: pool.addresses });
 */
import { Construct } from "constructs";
import type { GridError } from "../core/errors";
import { toWorkloadName } from "../model/identity";
import { Placement } from "./placement";
import { number, record } from "./private/kinds";
import { checkPlainCount } from "./private/plain-count";
import { badValue, check, type Rule } from "./private/problems";
import { ZDB_KINDS, ZDB_RULES } from "./private/storage/zdb-rules";
import type { Size } from "./size";
import { Zdb, type ZdbProps } from "./zdb";

/** Most stores in one pool. */
const MAX_COUNT = 256;

/** Properties of a pool. */
export interface ZdbPoolProps extends ZdbProps {
  /** How many stores: 1 to 256. More are added beside those that run; fewer end the last ones, with what is in them. */
  readonly count: number;
  /** Size of each store: whole GiB, up to 10 TiB. Grows in place. */
  readonly size: Size;
  /** Where they run, a node for each. With a `spread` of its own it keeps them apart from others of that name, too. @default any nodes with room on hard disks */
  readonly placement?: Placement;
  /** Beginning of the names people see; a number follows. @default made from the construct's id */
  readonly name?: string;
  /** Beginning of the identities of its stores; `/` and a number follow. @default the construct's path */
  readonly identity?: string;
}

/** Stores with stable numbers: the one with number 2 stays what it is whatever comes and goes after it. */
export class ZdbPool extends Construct {
  /** Its stores, number 0 first. */
  readonly stores: readonly Zdb[];

  constructor(scope: Construct, id: string, props: ZdbPoolProps) {
    super(scope, id);
    check(this, props, rules, kind);
    const { count, name, identity, placement: where, ...shared } = props;
    const placement = apart(where, identity ?? this.node.path);
    this.stores = Array.from({ length: count }, (_, index) => {
      const own = identity === undefined ? undefined : `${identity}/${index}`;
      const shown = toWorkloadName(`${name ?? id}_${index}`);
      return new Zdb(this, String(index), { ...shared, placement, name: shown, identity: own });
    });
  }

  /** An address of each store, in their order: mycelium where the node has it, else public IPv6, else Yggdrasil. */
  get addresses(): string[] {
    return this.stores.map(({ address }) => address);
  }

  /** The name to `SELECT` of each store, in their order. */
  get namespaces(): string[] {
    return this.stores.map(({ namespace }) => namespace);
  }

  /** The number of each store's contract, in their order. */
  get contractIds(): string[] {
    return this.stores.map(({ contractId }) => contractId);
  }
}

/** A node for each, unless the placement says already from what they are kept apart. */
function apart(where: Placement | undefined, pool: string): Placement {
  const spread = Placement.spread(`zdb-pool/${pool}`);
  if (where === undefined) return spread;
  return where.rules.spread === undefined ? where.and(spread) : where;
}

const kind = record<ZdbPoolProps>({ ...ZDB_KINDS, count: number });

const rules: readonly Rule<ZdbPoolProps>[] = [...ZDB_RULES, checkCount];

/** One node is no place for several that are kept apart. */
function checkCount({ count, placement: where }: ZdbPoolProps): readonly GridError[] {
  const problems = checkPlainCount(count, ["count"], { min: 1, max: MAX_COUNT });
  if (problems.length > 0 || count === 1 || !where?.isExplicit) return problems;
  return [
    badValue({
      attribute: ["placement"],
      what: `names one node for ${count} stores`,
      allowed: "a placement that leaves a node for each store",
      remedy: "use Placement.where, or give each its own Zdb.",
    }),
  ];
}
