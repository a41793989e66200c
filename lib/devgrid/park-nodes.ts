import type { Clock } from "../core/clock";
import { messageOf } from "../core/errors";
import type { Log } from "../core/log";
import type { DevgridState } from "./devgrid-state";
import type { Ledger } from "./ledger";
import type { Park } from "./node/default-park";
import { DevgridNode } from "./node/devgrid-node";
import type { KycCheck } from "./node/engine/admission";
import type { MachineHost } from "./node/runtime/machine-host";
import type { Relay } from "./relay/relay";
import { brokenState } from "./state-file";

/** What the nodes of a park need to run. */
export interface ParkOptions {
  /** Hardware and keys, node 1 first. */
  readonly park: Park;
  /** Must hold the same nodes under the same keys. */
  readonly chain: Ledger;
  /** The bus they answer on. */
  readonly relay: Relay;
  /** Asked before every deploy and update. */
  readonly kyc: KycCheck;
  /** Paces their jobs. */
  readonly clock: Clock;
  /** Where dropped messages and failed jobs are told. */
  readonly log: Log;
  /** Plays the insides of machines. */
  readonly machineHost: MachineHost;
  /** Addresses behind a host name. */
  readonly resolveHost: (host: string) => readonly string[];
  /** Milliseconds that each workload takes. @default the node's own */
  readonly provisionMs: number | undefined;
  /** What the nodes knew when they last ran. */
  readonly state: DevgridState | undefined;
  /** Named in errors about that state. */
  readonly stateFile: string;
}

/**
 * Puts every node of the park on the message bus, as it was when the state was written.
 *
 * @throws {GridError} TFG_DEVGRID_STATE when the state is of other nodes, or cannot be restored
 */
export function createNodes(options: ParkOptions): Map<number, DevgridNode> {
  const { park, chain, relay, state, stateFile } = options;
  if (chain.listNodes().length !== park.nodes.length) {
    throw brokenState(
      stateFile,
      `it holds ${chain.listNodes().length} nodes, and there are ${park.nodes.length} to run`,
    );
  }
  const nodes = park.nodes.map((parkNode, position) => createNode(options, parkNode, position + 1));
  try {
    for (const node of nodes) {
      const snapshot = state?.nodes[node.nodeId];
      if (snapshot) node.restore(snapshot);
      else if (state) throw new Error(`node ${node.nodeId} is missing`);
    }
  } catch (error) {
    for (const node of nodes) node.close();
    throw brokenState(stateFile, messageOf(error), error);
  }
  for (const node of nodes) node.connect(relay);
  return new Map(nodes.map((node) => [node.nodeId, node]));
}

/** Nodes are numbered from 1 in the order of the park; the chain must know them by the same keys. */
function createNode(options: ParkOptions, { seed, hardware }: Park["nodes"][number], nodeId: number): DevgridNode {
  const { chain, kyc, clock, log, provisionMs, machineHost, resolveHost, stateFile } = options;
  const twinId = chain.getNode(nodeId)?.twinId ?? 0;
  const account = chain.getTwin(twinId)?.accountId;
  if (!account || Buffer.compare(account, seed.keys.publicKey) !== 0) {
    throw brokenState(stateFile, `node ${nodeId} has other keys than the one to run`);
  }
  const own = { nodeId, twinId, keys: seed.keys, hardware };
  return new DevgridNode({ ...own, ledger: chain, kyc, clock, log, provisionMs, machineHost, resolveHost });
}
