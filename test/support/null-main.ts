/** A stand-in for hashicorp/null as a process of its own: `null_resource` with its triggers, and nothing on any grid. */
import "../../lib/provider/server/process/stdout-guard";
import { randomInt } from "node:crypto";
import { Claims } from "../../lib/provider/claims";
import type { ProviderDefinition, Resource } from "../../lib/provider/resource";
import { UNKNOWN } from "../../lib/provider/schema/value";
import { runProvider } from "../../lib/provider/server/run-provider";

const nullResource: Resource = {
  typeName: "null_resource",
  schema: {
    version: 0,
    description: "Does nothing, and remembers its triggers.",
    attributes: {
      id: { type: "string", computed: true, description: "Any number." },
      triggers: { type: { map: "string" }, optional: true, description: "A change of these is a replacement." },
    },
  },
  plan: async ({ prior, proposed }) => ({
    planned: { ...proposed, id: prior?.id ?? UNKNOWN },
    replace:
      prior !== null && JSON.stringify(prior.triggers) !== JSON.stringify(proposed.triggers) ? [["triggers"]] : [],
  }),
  apply: async ({ planned }) => ({
    state: { ...planned, id: planned.id === UNKNOWN ? String(randomInt(2 ** 47)) : (planned.id ?? null) },
  }),
  read: async ({ state }) => ({ state }),
  destroy: async () => undefined,
};

const nothing = () => Promise.reject(new Error("there is no grid behind this provider"));

const definition: ProviderDefinition = {
  schema: { version: 0, description: "Needs no settings.", attributes: {} },
  resources: [nullResource],
  dataSources: [],
  validate: () => [],
  configure: () => ({
    claims: new Claims(),
    account: nothing,
    engine: nothing,
    getContract: nothing,
    wasRead: () => false,
    close: async () => undefined,
  }),
};

runProvider(definition, "registry.terraform.io/hashicorp/null");
