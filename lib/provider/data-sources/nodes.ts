import { GIB, MIB } from "../../core/units";
import { type Candidate, type PlacementRequest, unfitness } from "../../model/placement";
import { factAttributes, requestAttributes } from "../placement/placement-schema";
import { candidateOf, factsValue, readRequest } from "../placement/placement-values";
import type { DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { Attribute } from "../schema/schema";
import type { ObjectValue } from "../schema/value";
import { lookUp } from "./look-up";

/** What makes no sense for a list: a node by its number is `threefold_node`, and nothing is to be spread or moved. */
const { node_id: _one, spread: _spread, on_node_down: _policy, ...filterAttributes } = requestAttributes;

const freeAttributes: Readonly<Record<string, Attribute>> = {
  memory_mib: { type: "number", computed: true, description: "Free memory in whole MiB." },
  ssd_gib: { type: "number", computed: true, description: "Free SSD in whole GiB." },
  hdd_gib: { type: "number", computed: true, description: "Free HDD in whole GiB." },
  public_ipv4: { type: "number", computed: true, description: "Free public IPv4 of its farm." },
};

/** `threefold_nodes`: nodes that suit, as the directory lists them. */
export const nodes: DataSource = {
  typeName: "threefold_nodes",
  schema: {
    version: 0,
    description:
      "Nodes that suit, by number, with their lasting facts. Filters are those of a placement request. A list changes as nodes come and go: let `threefold_placement` choose where things run.",
    attributes: {
      ...filterAttributes,
      up: { type: "bool", optional: true, description: "Only nodes that are up. Defaults to true." },
      available: {
        type: "bool",
        optional: true,
        description:
          "Only nodes this account may deploy on as things are: neither rented nor dedicated to others. Defaults to false.",
      },
      show_free: {
        type: "bool",
        optional: true,
        description: "Also tells what is free, which changes all the time. Defaults to false.",
      },
      nodes: {
        computed: true,
        description: "The nodes.",
        nested: { nesting: "list", attributes: factAttributes },
      },
      free: {
        computed: true,
        description: "What each of them has free, by its number. Null unless `show_free`.",
        nested: { nesting: "map", attributes: freeAttributes },
      },
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  read: (config, context) =>
    lookUp(context, { what: "Nodes", otherwise: { ...config, nodes: [], free: null } }, async () => {
      const { directory, twinId } = await context.session.engine(context);
      const wanted = filterOf(config);
      const { region } = wanted.request;
      const listed = await directory.listNodes(queryOf(wanted), context.signal);
      const suitable = listed
        .map((node) => candidateOf({ ...node, region }, twinId))
        .filter((node) => suits(wanted, node))
        .sort((a, b) => a.nodeId - b.nodeId);
      const free = suitable.map((node): [string, ObjectValue] => [String(node.nodeId), freeValue(node)]);
      return { ...config, nodes: suitable.map(factsValue), free: wanted.showsFree ? Object.fromEntries(free) : null };
    }),
};

interface NodeFilter {
  readonly request: PlacementRequest;
  readonly isUp: boolean;
  readonly isAvailable: boolean;
  readonly showsFree: boolean;
}

function filterOf(config: ObjectValue): NodeFilter {
  const attributes = new Attributes(config);
  return {
    request: readRequest(new Attributes({ ...config, node_id: null, spread: null })),
    isUp: config.up !== false,
    isAvailable: attributes.flag("available"),
    showsFree: attributes.flag("show_free"),
  };
}

/** What narrows the list at its source; everything is decided here all the same. */
function queryOf({ request, isUp }: NodeFilter): Record<string, string | number | boolean> {
  const { region, farmId, country, rentable } = request;
  return {
    ...(isUp ? { status: "up" } : {}),
    ...(region === undefined ? {} : { region }),
    ...(farmId === undefined ? {} : { farm_ids: farmId }),
    ...(country === undefined ? {} : { country }),
    ...(rentable ? { rentable } : {}),
  };
}

function suits({ request, isUp, isAvailable }: NodeFilter, node: Candidate): boolean {
  const isOpen = node.rent === "free for all" || node.rent === "ours";
  return (
    unfitness(request, node) === undefined &&
    hasRoom(request, node) &&
    (!isUp || node.isUp) &&
    (!isAvailable || isOpen) &&
    (!request.rentable || node.isRentable)
  );
}

function hasRoom({ mru, sru, hru, freeIpv4 }: PlacementRequest, { free, farmFreeIps }: Candidate): boolean {
  return mru <= free.mru && sru <= free.sru && hru <= free.hru && freeIpv4 <= farmFreeIps;
}

/** A node that gave out more than it has has nothing. */
function freeValue({ free, farmFreeIps }: Candidate): ObjectValue {
  const whole = (bytes: number, unit: number) => Math.max(0, Math.floor(bytes / unit));
  return {
    memory_mib: whole(free.mru, MIB),
    ssd_gib: whole(free.sru, GIB),
    hdd_gib: whole(free.hru, GIB),
    public_ipv4: farmFreeIps,
  };
}
