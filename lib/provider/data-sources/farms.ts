import type { DirectoryFarm } from "../../grid/clients";
import type { DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { Attribute } from "../schema/schema";
import type { ObjectValue } from "../schema/value";
import { lookUp } from "./look-up";

const farmAttributes: Readonly<Record<string, Attribute>> = {
  farm_id: { type: "number", computed: true, description: "Number of the farm." },
  name: { type: "string", computed: true, description: "Its name." },
  twin_id: { type: "number", computed: true, description: "Twin of the farmer." },
  dedicated: { type: "bool", computed: true, description: "Whether its nodes are let only as a whole." },
  certification: { type: "string", computed: true, description: "`NotCertified` or `Gold`." },
  public_ipv4: { type: "number", computed: true, description: "Public IPv4 it has, free or not." },
};

/** `threefold_farms`: farms as the directory lists them. */
export const farms: DataSource = {
  typeName: "threefold_farms",
  schema: {
    version: 0,
    description: "Farms that suit, by number, with their lasting facts.",
    attributes: {
      farm_id: { type: "number", optional: true, description: "Exactly this farm." },
      name: { type: "string", optional: true, description: "Its name, in any case." },
      name_contains: { type: "string", optional: true, description: "A part of its name, in any case." },
      twin_id: { type: "number", optional: true, description: "Farms of this farmer." },
      dedicated: { type: "bool", optional: true, description: "Whether its nodes are let only as a whole." },
      country: { type: "string", optional: true, description: "It has a node in this country, in English." },
      region: {
        type: "string",
        optional: true,
        description: "It has a node there: `Europe`, `Americas`, `Asia`, `Africa`, `Oceania`.",
      },
      free_ipv4: { type: "number", optional: true, description: "Public IPv4 it must have free." },
      show_free: {
        type: "bool",
        optional: true,
        description: "Also tells how many public IPv4 are free, which changes all the time. Defaults to false.",
      },
      farms: {
        computed: true,
        description: "The farms.",
        nested: { nesting: "list", attributes: farmAttributes },
      },
      free: {
        type: { map: "number" },
        computed: true,
        description: "Free public IPv4 of each of them, by its number. Null unless `show_free`.",
      },
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  read: (config, context) =>
    lookUp(context, { what: "Farms", otherwise: { ...config, farms: [], free: null } }, async () => {
      const { directory } = await context.session.engine(context);
      const listed = await directory.listFarms(queryOf(config), context.signal);
      const sorted = listed.sort((a, b) => a.farmId - b.farmId);
      const free = sorted.map(({ farmId, freeIps }): [string, number] => [String(farmId), freeIps]);
      const isShown = new Attributes(config).flag("show_free");
      return { ...config, farms: sorted.map(farmValue), free: isShown ? Object.fromEntries(free) : null };
    }),
};

/** Filters by the directory's names for them. */
const FILTERS = {
  farm_id: "farm_id",
  name: "name",
  name_contains: "name_contains",
  twin_id: "twin_id",
  dedicated: "dedicated",
  country: "country",
  region: "region",
  free_ipv4: "free_ips",
} as const;

function queryOf(config: ObjectValue): Record<string, string | number | boolean> {
  const given = Object.entries(FILTERS).flatMap(([name, parameter]): [string, string | number | boolean][] => {
    const value = config[name] ?? null;
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return isPlain ? [[parameter, value]] : [];
  });
  return Object.fromEntries(given);
}

function farmValue({ farmId, name, twinId, isDedicated, certification, publicIps }: DirectoryFarm): ObjectValue {
  return {
    farm_id: farmId,
    name,
    twin_id: twinId,
    dedicated: isDedicated,
    certification,
    public_ipv4: publicIps,
  };
}
