import { MIB } from "../../../lib/core/units";
import {
  defaultMyceliumSeed,
  isAcceptedByOfficialClient,
  lowestFreeMachineIp,
  lowestFreeSubnet,
  wireguardAddress,
  wireguardPublicKey,
} from "../../../lib/model/mesh";
import { minRootSize } from "../../../lib/model/workloads/parts/machine";
import type { CaseResult } from "./case-result";
import { checkMesh } from "./check-mesh";
import { checkList, expectSame, VectorEntry } from "./vector-entry";

const PROSE = new Set(["about", "compare", "note", "notes", "package", "source"]);

/** What each section of the file holds. */
const sections: Readonly<Record<string, (entry: VectorEntry) => void>> = {
  wireguard_address: (entry) => {
    const address = wireguardAddress(entry.text("subnet"));
    expectSame("wg_cidr", `${address}/32`, entry.text("wg_cidr"));
    expectSame("node_interface_cidr", `${address}/16`, entry.text("node_interface_cidr"));
  },
  wireguard_keys: (entry) =>
    expectSame("public_key", wireguardPublicKey(entry.text("private_key")), entry.text("public_key")),
  free_subnet: (entry) => {
    const pick = (reserved: readonly string[]) => lowestFreeSubnet(entry.text("ip_range"), reserved);
    expectSame("next", pickInTurn(entry, pick), entry.raw("next"));
  },
  free_machine_ip: (entry) => {
    const pick = (reserved: readonly string[]) => lowestFreeMachineIp(entry.text("subnet"), reserved);
    expectSame("next", pickInTurn(entry, pick), entry.raw("next"));
  },
  mycelium_default_seed: (entry) =>
    expectSame("default_hex_seed", defaultMyceliumSeed(entry.text("machine_ip")), entry.text("default_hex_seed")),
  min_root_size: (entry) => {
    const capacity = { cpu: entry.number("cpu"), memory: entry.number("memory_mib") * MIB };
    expectSame("root_bytes", minRootSize(capacity), entry.number("root_bytes"));
  },
  ip_range_check: (entry) => {
    const isAccepted = isAcceptedByOfficialClient(entry.text("ip_range"));
    expectSame("accepted_by_official_ts", isAccepted, entry.flag("accepted_by_official_ts"));
  },
  mesh: checkMesh,
};

/** The names of sections by which a networking file is known. */
export const NETWORKING_SECTIONS: readonly string[] = Object.keys(sections);

/** Recomputes every section. One that no rule covers counts as a failure, so that a file is never passed unread. */
export function checkNetworking(json: unknown): CaseResult[] {
  new VectorEntry(json);
  return Object.entries(json as object).flatMap(([name, value]): CaseResult[] => {
    if (PROSE.has(name)) return [];
    const check = Object.hasOwn(sections, name) ? sections[name] : undefined;
    return check ? checkList(name, value, check) : [{ name, error: "no rule for this section" }];
  });
}

/** As many picks as listed, each reserved before the next. */
function pickInTurn(entry: VectorEntry, pick: (reserved: readonly string[]) => string): string[] {
  const reserved = textsOf(entry, "reserved");
  const wanted = textsOf(entry, "next").length;
  if (wanted === 0) throw new Error("next is empty");
  const picked: string[] = [];
  while (picked.length < wanted) picked.push(pick([...reserved, ...picked]));
  return picked;
}

function textsOf(entry: VectorEntry, name: string): string[] {
  const value = entry.raw(name);
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value.map(String);
}
