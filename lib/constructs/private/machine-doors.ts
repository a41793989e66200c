import { GridError } from "../../core/errors";
import { Backend, type BackendOptions, type BackendRoute } from "../backend";
import type { IMesh } from "../network-mesh";
import type { VirtualMachine } from "../virtual-machine";
import { isOwnMesh } from "./foreign-mesh";
import { check, checkRange, type Rule } from "./problems";

/** The ways into a machine that it was asked to have. */
export interface MachineDoors {
  readonly publicIpv4: boolean;
  readonly mycelium: boolean;
  /** Of another stack's mesh it is no way in: a gateway's node has to be a member. */
  readonly mesh: IMesh | undefined;
}

/** What a gateway is to reach in a machine. */
export interface DoorRequest extends BackendOptions {
  readonly protocol: "http" | "tcp";
  readonly port: number;
}

/**
 * A backend for a port of a machine, by the way asked for or the first there is.
 *
 * @throws {GridError} TFG_BAD_VALUE for a port that is none, TFG_NO_WAY_IN when the machine has no such address
 */
export function backendOf(machine: VirtualMachine, doors: MachineDoors, request: DoorRequest): Backend {
  check(machine, request, portRules);
  const { protocol, port, over } = request;
  const open = ROUTES.filter((route) => isOpen(route, doors));
  const route = over === undefined ? open[0] : open.find((each) => each === over);
  if (route === "public") {
    return new Backend({ protocol, port, address: machine.publicIpv4Address, isIpv6: false, mesh: undefined });
  }
  if (route === "mycelium") {
    return new Backend({ protocol, port, address: machine.myceliumIp, isIpv6: true, mesh: undefined });
  }
  if (route === "mesh" && isOwnMesh(doors.mesh)) {
    return new Backend({ protocol, port, address: machine.ip, isIpv6: false, mesh: doors.mesh });
  }
  throw noWayIn(machine, { over, open, mesh: doors.mesh });
}

const portRules: readonly Rule<DoorRequest>[] = [({ port }) => checkRange(port, ["port"], { min: 1, max: 65_535 })];

/** In the order of preference: fewest detours first. */
const ROUTES: readonly BackendRoute[] = ["public", "mycelium", "mesh"];

function isOpen(route: BackendRoute, { publicIpv4, mycelium, mesh }: MachineDoors): boolean {
  return { public: publicIpv4, mycelium, mesh: isOwnMesh(mesh) }[route];
}

interface NoWay {
  /** The way that was asked for. */
  readonly over: BackendRoute | undefined;
  /** Those there are. */
  readonly open: readonly BackendRoute[];
  readonly mesh: IMesh | undefined;
}

function noWayIn(machine: VirtualMachine, { over, open, mesh }: NoWay): GridError {
  const isJoined = mesh !== undefined && !isOwnMesh(mesh);
  const onlyIn = isJoined ? `${mesh.node.path}, a mesh of another stack` : "a network of its own";
  return new GridError({
    code: "TFG_NO_WAY_IN",
    summary: `No gateway can reach VirtualMachine "${machine.node.path}"${over ? ` over ${over}` : ""}.`,
    facts: { "it can be reached over": open.join(", ") || `nothing: its only address is in ${onlyIn}` },
    standing: "Nothing was started.",
    remedy: open.length > 0 ? "leave over out, or choose a way there is." : newWay(isJoined),
  });
}

function newWay(isJoined: boolean): string {
  if (!isJoined) return "give the machine a mesh, mycelium: true, or publicIpv4: true.";
  return "give the machine mycelium: true, or publicIpv4: true; only the mesh's own stack adds a gateway's node to it.";
}
