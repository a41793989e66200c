import type { DevgridNode } from "../node/devgrid-node";
import type { NodeFault } from "../node/engine/faults";
import type { NodeEndpoint } from "../node/node-snapshot";
import type { ControlMethods } from "./control-server";
import { Params } from "./params";

/** What controls of nodes act upon. */
export interface NodeControlTarget {
  /** By node number. */
  readonly nodes: ReadonlyMap<number, DevgridNode>;
  /** Reports the power of a node to the chain. */
  readonly setPower: (nodeId: number, power: "Up" | "Down") => void;
}

/** A control of one node. */
type NodeMethod = (doc: string, run: (node: DevgridNode, params: Params) => unknown) => ControlMethods[string];

/** Powers over nodes. */
export function nodeMethods({ nodes, setPower }: NodeControlTarget): ControlMethods {
  const requireNode = (params: Params): DevgridNode => {
    const nodeId = params.id(0, "nodeId");
    const node = nodes.get(nodeId);
    if (!node) throw new Error(`there is no node ${nodeId}; nodes are 1 to ${nodes.size}`);
    return node;
  };
  const method: NodeMethod = (doc, run) => ({
    doc,
    run: (values) => {
      const params = new Params(values);
      return run(requireNode(params), params);
    },
  });
  return {
    ...powerMethods(method, setPower),
    ...behaviourMethods(method),
    ...gatewayMethods(nodes),
    "dev.awaitNodes": {
      doc: "[] answers when no node has a job left",
      run: async () => {
        await Promise.all([...nodes.values()].map((node) => node.idle()));
      },
    },
  };
}

function powerMethods(method: NodeMethod, setPower: NodeControlTarget["setPower"]): ControlMethods {
  return {
    "dev.setNodeOffline": method(
      "[nodeId, isOffline = true] cuts a node off, work included, or brings it back",
      (node, params) => node.setOnline(!params.flag(1, "isOffline", true)),
    ),
    "dev.setNodePower": method(
      '[nodeId, "Up" | "Down"] switches a node on, or into standby, on the chain too',
      (node, params) => {
        const power = params.word(1, "power", ["Up", "Down"]);
        setPower(node.nodeId, power);
        node.setOnline(power === "Up");
      },
    ),
    "dev.rebootNode": method(
      "[nodeId, {afterSteps?, downSeconds?}?] power off and on: what was running is set up again; afterSteps waits until so many more workloads were worked on",
      reboot,
    ),
    "dev.reinstallNode": method("[nodeId] wipes the disks: deployments are gone while their contracts go on", (node) =>
      node.reinstall(),
    ),
  };
}

function reboot(node: DevgridNode, params: Params): void {
  const { afterSteps, downSeconds } = params.has(1) ? params.object(1, "reboot") : {};
  const read = new Params([afterSteps, downSeconds]);
  const downMs = read.number(1, "reboot.downSeconds", 0, 0) * 1000;
  if (read.has(0)) node.rebootAfter(read.id(0, "reboot.afterSteps"), downMs);
  else node.reboot(downMs);
}

function behaviourMethods(method: NodeMethod): ControlMethods {
  return {
    "dev.setNodeAnswers": method(
      "[nodeId, {isSilent?, delayMs?}] lets the node do what it is told without a word, or turn to it late",
      (node, params) => {
        const { isSilent, delayMs } = params.object(1, "answers");
        if (isSilent !== undefined) node.peer.isSilent = isSilent === true;
        if (delayMs !== undefined) node.peer.delayMs = new Params([delayMs]).number(0, "answers.delayMs");
      },
    ),
    "dev.failNode": method(
      '[nodeId, {message, command} | {message, workloadType, during = "provision"}] lets the next such thing fail once',
      (node, params) => node.failNext(readFault(params)),
    ),
    "dev.setNodeEndpoint": method(
      "[nodeId, {publicConfig?, interfaces?}] changes the node's addresses",
      (node, params) => node.setEndpoint(readEndpoint(params)),
    ),
    "dev.addNodeUsage": method(
      "[nodeId, {mru?, sru?, hru?}] lets something else take bytes; negative gives them back",
      (node, params) => {
        const usage = params.object(1, "usage");
        const bytes = (name: string) => (typeof usage[name] === "number" ? usage[name] : 0);
        node.addUsage({ mru: bytes("mru"), sru: bytes("sru"), hru: bytes("hru") });
      },
    ),
  };
}

function gatewayMethods(nodes: NodeControlTarget["nodes"]): ControlMethods {
  return {
    "dev.listGateways": {
      doc: "[] the domains that nodes serve: node, domain, backends, and how far the certificate is",
      run: () => [...nodes].flatMap(([nodeId, node]) => node.gateways().map((gateway) => ({ nodeId, ...gateway }))),
    },
    "dev.setCertificate": {
      doc: '[domain, "pending" | "issued" | "failed"] lets the certificate of a served domain be so',
      run: (values) => {
        const params = new Params(values);
        const domain = params.text(0, "domain");
        const state = params.word(1, "state", ["pending", "issued", "failed"]);
        // No short cut: a domain may be served by several nodes.
        const served = [...nodes.values()].filter((node) => node.setCertificate(domain, state));
        if (served.length === 0) throw new Error(`no node serves ${domain}`);
      },
    },
  };
}

function readFault(params: Params): NodeFault {
  const fault = params.object(1, "fault");
  const read = new Params([fault.message, fault.command, fault.workloadType, fault.during ?? "provision"]);
  const message = read.text(0, "fault.message");
  if (read.has(1)) return { message, command: read.text(1, "fault.command") };
  const workloadType = read.text(2, "fault.workloadType (or fault.command)");
  return { message, workloadType, during: read.word(3, "fault.during", ["provision", "update", "remove"] as const) };
}

function readEndpoint(params: Params): Partial<NodeEndpoint> {
  const given = params.object(1, "endpoint");
  const endpoint: { -readonly [K in keyof NodeEndpoint]?: NodeEndpoint[K] } = {};
  if (given.publicConfig !== undefined) endpoint.publicConfig = readPublicConfig(given.publicConfig);
  if (given.interfaces !== undefined) {
    const { zos, ygg } = new Params([given.interfaces]).object(0, "endpoint.interfaces");
    endpoint.interfaces = { zos: texts(zos), ygg: texts(ygg) };
  }
  return endpoint;
}

/** Null takes the public config away. */
function readPublicConfig(value: unknown): NodeEndpoint["publicConfig"] {
  if (value === null) return undefined;
  const config = new Params([value]).object(0, "endpoint.publicConfig");
  const part = (name: string) => (typeof config[name] === "string" ? config[name] : "");
  return { ip4: part("ip4"), gw4: part("gw4"), ip6: part("ip6"), gw6: part("gw6"), domain: part("domain") };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
