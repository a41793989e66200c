import { Token } from "cdktf";
import type { GridError } from "../../core/errors";
import { ipRangeProblem } from "../../model/mesh/address-plan";
import type { NetworkMeshProps } from "../network-mesh";
import { flag, listOf, mapOf, optional, placement, record, text } from "./kinds";
import { badValue, checkIdentity, checkName, type Rule } from "./problems";

/** What each property may be. */
export const meshKind = record<NetworkMeshProps>({
  name: optional(text),
  identity: optional(text),
  ipRange: optional(text),
  mycelium: optional(flag),
  access: optional(listOf(text)),
  members: optional(mapOf(placement)),
  accessThrough: optional(mapOf(text)),
});

/** What has to hold for a mesh. */
export const meshRules: readonly Rule<NetworkMeshProps>[] = [
  checkName,
  checkIdentity,
  ({ ipRange }) => {
    if (ipRange === undefined || Token.isUnresolved(ipRange) || ipRangeProblem(ipRange) === undefined) return [];
    const allowed = "a private IPv4 /16 outside 100.64.0.0/10, 10.42.0.0/16 and 10.43.0.0/16, such as 10.20.0.0/16";
    return [badValue({ attribute: ["ipRange"], given: ipRange, allowed })];
  },
  ({ access = [] }) => access.flatMap((name, index) => checkAccess(name, index, access)),
  checkAccessThrough,
];

function checkAccess(name: string, index: number, all: readonly string[]): GridError[] {
  const isGood = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(name) && all.indexOf(name) === index;
  if (isGood || Token.isUnresolved(name)) return [];
  const allowed = "1 to 32 letters, digits, _ and -, each name once";
  return [badValue({ attribute: ["access", index], given: name, allowed })];
}

function checkAccessThrough({ access = [], members = {}, accessThrough = {} }: NetworkMeshProps): GridError[] {
  return Object.entries(accessThrough).flatMap(([computer, member]) => {
    const attribute = ["accessThrough", computer];
    if (!access.includes(computer) && !access.some((name) => Token.isUnresolved(name))) {
      const names = access.length > 0 ? `for computers in access: ${access.join(", ")}` : "nothing, as access is empty";
      return [badValue({ attribute: ["accessThrough"], given: computer, allowed: names })];
    }
    if (Object.hasOwn(members, member)) return [];
    const names = Object.keys(members);
    const allowed = names.length > 0 ? `a name in members: ${names.join(", ")}` : "nothing, as members is empty";
    return [badValue({ attribute, given: member, allowed })];
  });
}
