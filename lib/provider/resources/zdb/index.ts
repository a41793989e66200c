import type { GridError } from "../../../core/errors";
import { GIB } from "../../../core/units";
import type { DeploymentTarget } from "../../../engine/deployment-target";
import { type AddressKind, addressKind } from "../../../model/address-kind";
import type { Deployment } from "../../../model/deployment";
import { derivedReference } from "../../../model/derived-reference";
import { toWorkloadName } from "../../../model/identity";
import { resultOf } from "../../../model/workloads/registry";
import { deploymentAttributes } from "../../deployment/common-attributes";
import type { BuildContext, ImportContext } from "../../deployment/deployment-kind";
import { defineDeploymentResource } from "../../deployment/deployment-resource";
import type { Attributes } from "../../schema/attributes";
import { badValue, checkRange } from "../../schema/finding";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../../schema/value";

/** Outputs that hang on the disk it lies on. */
const WHERE_IT_ANSWERS = ["addresses", "mycelium_ip", "public_ipv6", "planetary_ip", "port"];

/** `threefold_zdb`: one namespace of a key-value store under one contract. */
export const zdb = defineDeploymentResource({
  typeName: "threefold_zdb",
  kind: "zdb",
  schema: {
    version: 0,
    description:
      "A zdb namespace: a key-value store on HDD, spoken to in the redis protocol. Its password is derived from the account and kept nowhere.",
    attributes: {
      ...deploymentAttributes,
      size_gib: { type: "number", required: true, description: "Hard cap in GiB, 1 to 10240. Grows in place." },
      mode: {
        type: "string",
        optional: true,
        computed: true,
        description:
          "`user`: clients choose keys. `seq`: the store numbers them. Another mode is a replacement. Defaults to `user`.",
      },
      public: {
        type: "bool",
        optional: true,
        computed: true,
        description: "Readable without the password. Defaults to false.",
      },
      password_version: {
        type: "number",
        optional: true,
        computed: true,
        description: "Raise it for a new password. Defaults to 1.",
      },
      password: {
        type: "string",
        computed: true,
        description: "Reference to the password, for `secret_env`: never the password itself.",
      },
      namespace: { type: "string", computed: true, description: "Name to select." },
      addresses: {
        type: { list: "string" },
        computed: true,
        description: "Addresses it answers on, in order of text.",
      },
      mycelium_ip: { type: "string", computed: true, description: "The mycelium one of them, or null." },
      public_ipv6: { type: "string", computed: true, description: "The public IPv6 one of them, or null." },
      planetary_ip: { type: "string", computed: true, description: "The Yggdrasil one of them, or null." },
      port: { type: "number", computed: true, description: "Port, practically always 9900." },
    },
  },
  validate,
  fixed: ["mode"],
  inputs: ["size_gib", "mode", "public", "password_version"],
  outputs: ["namespace", ...WHERE_IT_ANSWERS],
  complete,
  build,
  // Shrunk, it is made anew, perhaps on another disk, whose store answers at other addresses.
  changedOutputs: ({ size_gib: before }, { size_gib: after }) =>
    after === UNKNOWN || Number(after) < Number(before) ? WHERE_IT_ANSWERS : [],
  readOutputs,
  readImported,
  attributeOf: () => "size_gib",
});

function validate(config: ObjectValue): GridError[] {
  const { mode } = config;
  const findings = [
    ...checkRange(config.size_gib, ["size_gib"], { min: 1, max: 10_240, unit: "GiB" }),
    ...checkRange(config.password_version, ["password_version"], { min: 1, max: 1_000_000 }),
  ];
  if (typeof mode !== "string" || mode === "user" || mode === "seq") return findings;
  return [...findings, badValue({ attribute: ["mode"], given: mode, allowed: "user or seq" })];
}

function complete(proposed: ObjectValue, config: ObjectValue): ObjectValue {
  const identity = proposed.identity ?? config.name ?? UNKNOWN;
  const version = config.password_version ?? 1;
  return {
    ...proposed,
    mode: config.mode ?? "user",
    public: config.public ?? false,
    password_version: version,
    password: referenceTo(identity, version, isObjectValue(config.project) ? config.project.key_scope : UNKNOWN),
  };
}

function referenceTo(identity: Value, version: Value, scope: Value | undefined): Value {
  if (typeof identity !== "string" || typeof scope !== "string") return UNKNOWN;
  if (typeof version !== "number" && typeof version !== "bigint") return UNKNOWN;
  return derivedReference("zdb-password", { identity, version: Number(version), scope });
}

function build(
  attributes: Attributes,
  { secrets }: BuildContext,
): Omit<DeploymentTarget, "lineage" | "role" | "nodeId"> {
  const identity = attributes.requireText("identity");
  const name = attributes.requireText("name");
  const workload = toWorkloadName(identity);
  const label = (shown: string) => ({ type: "zdb", name: shown, projectName: `zdb/${shown}` });
  const version = attributes.requireNumber("password_version");
  return {
    title: `zdb ${name}`,
    label: label(name),
    publicIps: 0,
    metadata: JSON.stringify({ version: 3, ...label(workload) }),
    description: secrets.keys.bytes({ kind: "salt", identity: `zdb/${identity}` }, 16).toString("hex"),
    workloads: [
      {
        name: workload,
        type: "zdb",
        metadata: "",
        description: "",
        data: {
          size: attributes.requireNumber("size_gib") * GIB,
          mode: attributes.requireText("mode"),
          password: secrets.keys.password({ kind: "zdb-password", identity, version }).reveal(),
          public: attributes.flag("public"),
        },
      },
    ],
  };
}

function readOutputs(deployment: Deployment): ObjectValue {
  const found = deployment.workloads.find((workload) => workload.type === "zdb");
  const facts = found ? resultOf(found) : undefined;
  const addresses = facts ? [...facts.IPs].sort() : null;
  const first = (kind: AddressKind) => addresses?.find((address) => addressKind(address) === kind) ?? null;
  return {
    namespace: facts?.Namespace ?? null,
    addresses,
    mycelium_ip: first("mycelium"),
    public_ipv6: first("public"),
    planetary_ip: first("planetary"),
    port: facts?.Port ?? null,
  };
}

/** Passwords tried to find out which version an imported namespace has. */
const MAX_VERSIONS_TRIED = 100;

function readImported(deployment: Deployment, { identity, keys }: ImportContext): ObjectValue {
  const found = deployment.workloads.find((workload) => workload.type === "zdb");
  if (!found) return {};
  const versions = Array.from({ length: MAX_VERSIONS_TRIED }, (_, index) => index + 1);
  const version = versions.find(
    (each) => keys.password({ kind: "zdb-password", identity, version: each }).reveal() === found.data.password,
  );
  return {
    password_version: version ?? null,
    size_gib: found.data.size / GIB,
    mode: found.data.mode,
    public: found.data.public,
  };
}
