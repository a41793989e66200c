import type { GridError } from "../../../core/errors";
import { hostRangesOverlap, ipRangeProblem, parseHostRange } from "../../../model/mesh";
import { checkNodeId, validateIdentity } from "../../deployment/identity-rules";
import { isOnThisGrid } from "../../deployment/same-grid";
import type { CallContext, Resource, StateInput } from "../../resource";
import { Attributes } from "../../schema/attributes";
import { badValue } from "../../schema/finding";
import { isObjectValue, type ObjectValue, UNKNOWN } from "../../schema/value";
import { applyNetwork } from "./apply";
import { failuresOf, together } from "./failures";
import { importNetwork } from "./import";
import { readNetworkPrivate } from "./mesh";
import { allMembersOf } from "./mesh-state";
import { planNetwork } from "./plan";
import { readNetwork } from "./read";
import { networkSchema } from "./schema";
import { endMembers } from "./settle";

/** `threefold_network`. */
export const network: Resource = {
  typeName: "threefold_network",
  schema: networkSchema,
  validate: (config) => [
    ...validateIdentity(config),
    ...checkRange(config),
    ...checkNodes(config),
    ...checkAccess(config),
    ...checkAccessNodes(config),
    ...checkReserved(config),
  ],
  plan: planNetwork,
  apply: applyNetwork,
  read: readNetwork,
  destroy: destroyNetwork,
  import: { id: "number of any member's contract", find: importNetwork },
};

async function destroyNetwork(input: StateInput, context: CallContext): Promise<void> {
  const kept = readNetworkPrivate(input.private);
  const attributes = new Attributes(input.state);
  const name = attributes.requireText("name");
  const account = await context.session.account(context.signal);
  if (kept && !isOnThisGrid(kept, account, { title: `network ${name}`, context })) return;
  const project = attributes.requireObject("project");
  const mesh = {
    name,
    identity: attributes.requireText("identity"),
    lineage: project.requireText("id"),
    keys: account.keys(project.requireText("key_scope")),
  };
  const engine = await context.session.engine(context);
  const stuck = await endMembers(engine, mesh, [...allMembersOf(input.state).values()]);
  const failure = together(failuresOf(stuck));
  if (failure) throw failure;
}

function checkRange({ ip_range: range }: ObjectValue): GridError[] {
  if (typeof range !== "string") return [];
  const problem = ipRangeProblem(range);
  if (problem === undefined) return [];
  const allowed = "a private IPv4 /16 outside 100.64.0.0/10, 10.42.0.0/16 and 10.43.0.0/16, such as 10.20.0.0/16";
  const finding = badValue({ attribute: ["ip_range"], given: range, allowed });
  return [finding.with({ facts: { ...finding.facts, because: problem } })];
}

function checkNodes({ hosts, nodes }: ObjectValue): GridError[] {
  return [
    ...Object.entries(isObjectValue(hosts) ? hosts : {}).flatMap(([name, node]) => checkNodeId(node, ["hosts", name])),
    ...(Array.isArray(nodes) ? nodes : []).flatMap((node, index) => checkNodeId(node, ["nodes", index])),
  ];
}

/** Names of users' machines become file names and map keys. */
function checkAccess({ access }: ObjectValue): GridError[] {
  if (!Array.isArray(access)) return [];
  const seen = new Set<unknown>();
  return access.flatMap((name, index) => {
    const isGood = typeof name !== "string" || (/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(name) && !seen.has(name));
    seen.add(name);
    if (isGood) return [];
    const allowed = "1 to 32 letters, digits, _ and -, each name once";
    return [badValue({ attribute: ["access", index], given: String(name), allowed })];
  });
}

/** Only who is to dial in can be told whom to dial. */
function checkAccessNodes({ access = null, access_nodes: nodes }: ObjectValue): GridError[] {
  if (!isObjectValue(nodes)) return [];
  const names = Array.isArray(access) ? access : [access].filter((value) => value !== null);
  return Object.entries(nodes).flatMap(([name, nodeId]) => {
    const findings = checkNodeId(nodeId, ["access_nodes", name]);
    if (names.includes(UNKNOWN) || names.includes(name)) return findings;
    const allowed = names.length > 0 ? `names in access: ${names.join(", ")}` : "no name, as access is empty";
    return [...findings, badValue({ attribute: ["access_nodes"], given: name, allowed })];
  });
}

/** Two stacks must never have one address. */
function checkReserved({ reserved }: ObjectValue): GridError[] {
  if (!isObjectValue(reserved)) return [];
  const blocks = Object.entries(reserved).flatMap(([name, text]) => (typeof text === "string" ? [{ name, text }] : []));
  return blocks.flatMap(({ name, text }, index) => {
    const attribute = ["reserved", name];
    const range = parseHostRange(text);
    if (!range) return [badValue({ attribute, given: text, allowed: "two numbers from 2 to 254, such as 200-219" })];
    const other = blocks.slice(0, index).find((each) => {
      const before = parseHostRange(each.text);
      return before && hostRangesOverlap(before, range);
    });
    if (!other) return [];
    return [badValue({ attribute, given: text, allowed: `a block apart from ${other.name}, which has ${other.text}` })];
  });
}
