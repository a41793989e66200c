import { type Alteration, alterDeployment } from "../alter-deployment";
import { EXTRINSIC_FAULTS } from "../chain/block/pool";
import type { DevgridChain } from "../chain/devgrid-chain";
import type { DirectoryIndex } from "../directory/directory-index";
import type { DnsServer } from "../dns/dns-server";
import type { NameTable } from "../dns/name-table";
import type { HttpService } from "../http-service";
import type { K3sMachines } from "../kubernetes/k3s-machines";
import type { KycRegistry } from "../kyc/kyc-registry";
import type { DevgridNode } from "../node/devgrid-node";
import type { Relay } from "../relay/relay";
import type { Wire } from "../wire/wire";
import type { ControlMethods } from "./control-server";
import { nodeMethods } from "./node-methods";
import { Params } from "./params";
import { readWireFaults } from "./wire-params";

/** What the controls act upon. */
export interface ControlTarget {
  /** Time, blocks, contracts and balances. */
  readonly chain: DevgridChain;
  /** Losses, delays and outages. */
  readonly relay: Relay;
  /** By number. */
  readonly nodes: ReadonlyMap<number, DevgridNode>;
  /** Lag and staleness of directory and GraphQL alike. */
  readonly index: DirectoryIndex;
  /** Kubernetes clusters. */
  readonly k3s: K3sMachines;
  /** Who is verified. */
  readonly kyc: KycRegistry;
  /** Where domain names point. */
  readonly names: NameTable;
  /** Answers for them. */
  readonly dns: Pick<DnsServer, "setDown">;
  /** What can be cut off beside chain and relay. */
  readonly services: Readonly<Record<"directory" | "graphql" | "kyc", HttpService>>;
  /** What messages pass; GraphQL shares the directory's. */
  readonly wires: Readonly<Record<"chain" | "relay" | "directory", Wire>>;
  /** What `dev.describe` answers. */
  readonly describe: () => unknown;
  /** What `dev.stats` answers. */
  readonly stats: () => unknown;
}

/** Every power over a devgrid, by the name under which the control service offers it. */
export function controlMethods(target: ControlTarget): ControlMethods {
  const { chain, nodes } = target;
  const setPower = (nodeId: number, power: "Up" | "Down") =>
    chain.setNodePower(nodeId, { state: power, target: power });
  return {
    ...chainMethods(chain),
    ...nodeMethods({ nodes, setPower }),
    ...serviceMethods(target),
    "dev.alterDeployment": method(
      "[contractId, {workloads?, metadata?, description?, onContract?}] what another client of the account does: workloads maps names to data that is changed, or null for one that is taken out; onContract is the public text",
      (params) => alterDeployment(target, params.id(0, "contractId"), readAlteration(params)),
    ),
    "dev.k3s": method(
      "[cluster name | contractId?] machines that run k3s: who founded, joined or was refused, and where each API is",
      (params) => target.k3s.view(params.has(0) ? nameOrId(params) : undefined),
    ),
    "dev.stats": { doc: "[] what was served so far, counted where it is served", run: () => target.stats() },
    "dev.describe": { doc: "[] where the services are", run: () => target.describe() },
  };
}

function readAlteration(params: Params): Alteration {
  const { workloads = {}, metadata, description, onContract } = params.object(1, "alteration");
  const texts = new Params([metadata, description, onContract]);
  const text = (position: number, name: string) =>
    texts.has(position) ? texts.string(position, `alteration.${name}`) : undefined;
  const given = new Params([workloads]).object(0, "alteration.workloads");
  return {
    workloads: new Map(
      Object.entries(given).map(([name, data]) => {
        const read = new Params([data]);
        return [name, read.has(0) ? read.object(0, `alteration.workloads.${name}`) : null];
      }),
    ),
    metadata: text(0, "metadata"),
    description: text(1, "description"),
    onContract: text(2, "onContract"),
  };
}

const method = (doc: string, run: (params: Params) => unknown) => ({
  doc,
  run: (values: readonly unknown[]) => run(new Params(values)),
});

/** A cluster by its name, or by the contract of one of its machines. */
function nameOrId(params: Params): string | number {
  return params.isNumber(0) ? params.id(0, "contractId") : params.text(0, "cluster");
}

function chainMethods(chain: DevgridChain): ControlMethods {
  const contract = (params: Params): number => {
    const contractId = params.id(0, "contractId");
    if (!chain.getContract(contractId)) throw new Error(`there is no live contract ${contractId}`);
    return contractId;
  };
  return {
    "dev.advanceTime": method(
      "[seconds] moves chain time ahead; bills come hour by hour as they would have",
      (params) => chain.advanceTime(params.number(0, "seconds") * 1000),
    ),
    "dev.produceBlock": method("[] makes a block now; answers its number", () => chain.produceBlock()),
    "dev.pauseBlocks": method("[] stops making blocks; extrinsics wait", () => chain.pauseBlocks()),
    "dev.resumeBlocks": method("[] goes on making blocks", () => chain.resumeBlocks()),
    "dev.openChainEndpoint": method(
      "[blocksBehind = 0] opens one more endpoint of the chain, so many blocks behind; answers its address",
      (params) => chain.listen(0, params.number(0, "blocksBehind", 0, 0)),
    ),
    "dev.setChainLag": method("[url, blocksBehind] lets an endpoint of the chain fall behind, or catch up", (params) =>
      chain.setLag(params.text(0, "url"), params.number(1, "blocksBehind")),
    ),
    "dev.failExtrinsics": method(
      `[${EXTRINSIC_FAULTS.map((fault) => `"${fault}"`).join(" | ")}, …] lets the next extrinsics go wrong, one fault each`,
      (params) => chain.failNext(...params.words("fault", EXTRINSIC_FAULTS)),
    ),
    "dev.holdFinality": method("[isHeld = true] lets finality stand still while blocks go on", (params) =>
      chain.holdFinality(params.flag(0, "isHeld", true)),
    ),
    "dev.reorganise": method(
      "[blocks = 1] drops the newest blocks that are not final; their extrinsics come again with the next one",
      (params) => chain.reorganise(params.number(0, "blocks", 1, 1)),
    ),
    "dev.setGrace": method("[contractId] puts a contract into grace, as an unpaid bill does", (params) =>
      chain.setGrace(contract(params)),
    ),
    "dev.endForLackOfFunds": method("[contractId] ends a contract as 14 days without payment do", (params) =>
      chain.endForLackOfFunds(contract(params)),
    ),
    "dev.migrateContract": method("[contractId, nodeId] moves a node contract, as the council can", (params) => {
      const nodeId = params.id(1, "nodeId");
      if (chain.getContract(contract(params))?.kind !== "node") throw new Error("only node contracts move");
      if (!chain.getNode(nodeId)) throw new Error(`there is no node ${nodeId}`);
      chain.migrateContract(params.id(0, "contractId"), nodeId);
    }),
    "dev.takeAddresses": method(
      "[contractId] takes the public IPv4 of a node contract away; its node goes on with them",
      (params) => {
        if (chain.getContract(contract(params))?.kind !== "node") throw new Error("only node contracts have addresses");
        chain.takeAddresses(params.id(0, "contractId"));
      },
    ),
    "dev.setBalance": method("[account, units] sets what an account (SS58 or hex) may spend, in 1e-7 TFT", (params) =>
      chain.setBalance(params.text(0, "account"), BigInt(Math.round(params.number(1, "units")))),
    ),
  };
}

function serviceMethods(target: ControlTarget): ControlMethods {
  const { chain, relay, index, kyc, names, dns, services, wires } = target;
  const switches = { chain, relay, dns, ...services };
  return {
    "dev.setDown": method(
      '["chain" | "relay" | "directory" | "graphql" | "kyc" | "dns", isDown = true] cuts a service off',
      (params) => {
        const name = params.word(0, "service", ["chain", "relay", "directory", "graphql", "kyc", "dns"]);
        switches[name].setDown(params.flag(1, "isDown", true));
      },
    ),
    "dev.dropMessages": method(
      "[count = 1, command?] loses the next envelopes, or the next requests of a command",
      (params) => {
        const command = params.has(1) ? params.text(1, "command") : undefined;
        relay.faults.dropNext(
          params.number(0, "count", 0, 1),
          ({ message }) => command === undefined || (message?.kind === "request" && message.command === command),
        );
      },
    ),
    "dev.setWireFaults": method(
      '["chain" | "relay" | "directory", {seed?, loss?, delayMs?, jitterMs?, duplicate?, reorder?, disconnect?, refuse?} | null] lets messages go wrong by chance (0 to 1) or come late, the same way for the same seed; null ends it',
      (params) => {
        const wire = wires[params.word(0, "service", ["chain", "relay", "directory"])];
        wire.setFaults(params.has(1) ? readWireFaults(params.object(1, "faults")) : undefined);
      },
    ),
    "dev.restartRelay": method(
      "[] restarts the relay: connections are cut, what was queued or on its way is lost",
      () => relay.restart(),
    ),
    "dev.disconnectRelay": method("[] cuts every websocket of the relay once", () => relay.disconnectAll()),
    "dev.setDirectoryLag": method("[seconds] lets directory and GraphQL run behind the chain", (params) =>
      index.setLag(params.number(0, "seconds") * 1000),
    ),
    "dev.setDirectoryStale": method("[isStale = true] lets directory and GraphQL stand still", (params) =>
      index.setStale(params.flag(0, "isStale", true)),
    ),
    "dev.setDns": method("[name, [address, …]] points a domain name at addresses; none takes it away", (params) =>
      names.set(params.text(0, "name"), params.texts(1, "addresses")),
    ),
    "dev.setKyc": method(
      '[twinId, "VERIFIED" | "UNVERIFIED" | "REJECTED" | "PENDING"] sets who is verified',
      (params) =>
        kyc.setStatus(
          params.id(0, "twinId"),
          params.word(1, "status", ["VERIFIED", "UNVERIFIED", "REJECTED", "PENDING"]),
        ),
    ),
  };
}
