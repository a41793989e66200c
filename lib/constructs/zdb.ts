/**
 * A key-value store that speaks the redis protocol: a namespace on the hard disks of a node. You pay for its size.
 *
 * @example
 * const db = new Zdb(this, "db", { size: Size.gib(10) });
 * new VirtualMachine(this, "web", {
 *   cpu: 1,
 *   memory: Size.gib(2),
 *   image: Image.ubuntu(),
 *   mycelium: true,
 *   connections: { ZDB: db },
 * });
 */
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { Zdb as ZdbResource } from "./gen/zdb";
import type { Placement } from "./placement";
import { GridContext } from "./private/grid-context";
import { record } from "./private/kinds";
import { check } from "./private/problems";
import { ZDB_KINDS, ZDB_RULES } from "./private/storage/zdb-rules";
import { Secret } from "./secret";
import type { Size } from "./size";

/** Properties of a store. */
export interface ZdbProps {
  /** Most it may hold: whole GiB, up to 10 TiB. Grows in place. */
  readonly size: Size;
  /** `user`: clients choose keys. `seq`: the store numbers them. Another mode replaces the store. @default "user" */
  readonly mode?: "user" | "seq";
  /** Whether it can be read without the password. @default false */
  readonly public?: boolean;
  /** Raise it for a new password. @default 1 */
  readonly passwordVersion?: number;
  /** Where it runs. @default any node with room on hard disks */
  readonly placement?: Placement;
  /** Lets a change in place lose the data instead of replacing the store. @default false */
  readonly allowDataLoss?: boolean;
  /** Name people see: 1 to 36 letters, digits and `_`. @default made from the construct's id */
  readonly name?: string;
  /** What makes it the same store from one run to the next. Another identity is another store. @default the construct's path */
  readonly identity?: string;
}

/**
 * What a machine needs to reach a store, for the properties of the same names. Where a machine has an environment of its own,
 * join the two (`env: { ...connection.env, … }`): of a property that is given twice only the last counts.
 */
export interface ZdbConnection {
  /** `<PREFIX>_HOST`, `<PREFIX>_PORT` and `<PREFIX>_NAMESPACE`. */
  readonly env: Readonly<Record<string, string>>;
  /** `<PREFIX>_PASSWORD`. */
  readonly secretEnv: Readonly<Record<string, Secret>>;
}

/** One namespace under one contract. */
export class Zdb extends Construct {
  /** The Terraform resource, for what this class does not cover. */
  readonly resource: ZdbResource;
  /** What makes it the same store from one run to the next. */
  readonly identity: string;
  /** Number of the node it runs on. */
  readonly nodeId: number;
  /** Its password, which is derived from the account and kept nowhere. */
  readonly password: Secret;

  constructor(scope: Construct, id: string, props: ZdbProps) {
    super(scope, id);
    check(this, props, ZDB_RULES, kind);
    const context = GridContext.of(this);
    const { name, identity } = context.name(this, props);
    const sizeGib = props.size.toGib();
    this.identity = identity;
    this.nodeId = context.nodes.request(identity, {
      needs: { hddGib: sizeGib, features: ["zdb"] },
      placement: props.placement,
    });
    this.resource = new ZdbResource(this, "Default", {
      project: context.project,
      name,
      identity,
      nodeId: this.nodeId,
      sizeGib,
      mode: props.mode,
      public: props.public,
      passwordVersion: props.passwordVersion,
      allowDataLoss: props.allowDataLoss,
    });
    this.password = Secret.fromReference(this.resource.password);
  }

  /** Name of the namespace, to `SELECT`. */
  get namespace(): string {
    return this.resource.namespace;
  }

  /**
   * The address for clients of whom nothing is known: mycelium where the node has it, else public IPv6, else Yggdrasil. There
   * is no IPv4: a client needs an address of the same kind.
   */
  get address(): string {
    return Token.asString(Fn.coalesce([this.myceliumIp, this.publicIpv6, this.planetaryIp]));
  }

  /** Mycelium address; null where the node has none. */
  get myceliumIp(): string {
    return this.resource.myceliumIp;
  }

  /** Public IPv6; null where the node has none. */
  get publicIpv6(): string {
    return this.resource.publicIpv6;
  }

  /** Yggdrasil address; null where the node has none. */
  get planetaryIp(): string {
    return this.resource.planetaryIp;
  }

  /** Addresses it answers on: IPv6, Yggdrasil, mycelium; in order of text. */
  get addresses(): string[] {
    return this.resource.addresses;
  }

  /** TCP port. */
  get port(): number {
    return this.resource.port;
  }

  /** Number of its contract. */
  get contractId(): string {
    return this.resource.contractId;
  }

  /** `ok`, or what the next apply repairs. */
  get status(): string {
    return this.resource.status;
  }

  /**
   * Environment for something that uses it, with `address` as the host. The `connections` of a machine do the same with the
   * address that this machine can reach.
   *
   * @param prefix of the variables
   */
  connection(prefix = "ZDB"): ZdbConnection {
    return {
      env: {
        [`${prefix}_HOST`]: this.address,
        [`${prefix}_PORT`]: Token.asString(this.port),
        [`${prefix}_NAMESPACE`]: this.namespace,
      },
      secretEnv: { [`${prefix}_PASSWORD`]: this.password },
    };
  }

  /** Takes over a store that exists, by the number of its contract. */
  importFrom(contractId: string): void {
    this.resource.importFrom(contractId);
  }
}

const kind = record<ZdbProps>(ZDB_KINDS);
