import { currentsOf, isOkay } from "../engine/deployment-store";
import { statisticsOf } from "../engine/node-capacity";
import type { NodeParts } from "../engine/node-parts";
import { featuresOf, type Gpu } from "../hardware";
import type { CommandTable } from "./command";

/** Release that the emulated nodes claim to run. */
const ZOS_VERSION = "3.15.2";

/** What a node tells about itself. @source zosbase pkg/zos_api/system.go, storage.go, gpu.go (node source) */
export const systemCommands: CommandTable = {
  "zos.system.version": () => ({ zos: ZOS_VERSION, zinit: "v0.2.25" }),
  "zos.system.node_features_get": ({ parts }) => featuresOf(parts.runtime.surroundings.hardware),
  "zos.system.hypervisor": () => "",
  "zos.system.dmi": ({ parts }) => dmiOf(parts),
  "zos.system.diagnostics": () => ({ system_status_ok: true, modules: MODULES, healthy: true }),
  "zos.statistics.get": ({ parts }) => statisticsOf(parts.runtime, parts.store),
  "zos.storage.pools": ({ parts }) => parts.runtime.pools.metrics(),
  "zos.gpu.list": ({ parts }) => {
    const gpus = listGpus(parts);
    return gpus.length > 0 ? gpus : null;
  },
  "zos.location.get": ({ parts }) => parts.runtime.surroundings.hardware.location,
};

/** A node's graphics cards, each with the contract that holds it; 0 is free. */
export function listGpus(parts: NodeParts): (Gpu & { readonly contract: number })[] {
  const holders = parts.store.list().flatMap((record) =>
    currentsOf(record)
      .filter(isOkay)
      .flatMap((entry) => parts.runtime.machines.get(`${record.twinId}-${record.contractId}-${entry.name}`)?.gpus ?? [])
      .map((gpu) => ({ gpu, contractId: record.contractId })),
  );
  return parts.runtime.surroundings.hardware.gpus.map((card) => ({
    ...card,
    contract: holders.find(({ gpu }) => gpu === card.id)?.contractId ?? 0,
  }));
}

const MODULE_NAMES = "storage node identityd vmd flist network container provision gateway qsfsd".split(" ");

const MODULES = Object.fromEntries(
  MODULE_NAMES.map((name) => [name, { status: { objects: [{ name, version: "0.0.1" }], workers: [] } }]),
);

/** The few sections of a machine's description that anyone reads: firmware, board, processor, memory. */
function dmiOf({ runtime, nodeId }: NodeParts) {
  const { cru, mru } = runtime.surroundings.hardware.resources;
  const section = (typenum: number, typestr: string, properties: Readonly<Record<string, string>>) => ({
    handleline: `Handle 0x00${typenum.toString(16).padStart(2, "0")}, DMI type ${typenum}, 64 bytes`,
    typestr,
    typenum,
    subsections: [
      {
        title: `${typestr} Information`,
        properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, { value }])),
      },
    ],
  });
  return {
    tooling: { aggregator: "dmidecode 3.4", decoder: "0-ResourceDiscovery" },
    sections: [
      section(0, "BIOS", { Vendor: "Devgrid", Version: "1.0" }),
      section(2, "Baseboard", { Manufacturer: "Devgrid", "Product Name": `Node ${nodeId}` }),
      section(4, "Processor", { Version: "Emulated CPU", "Thread Count": `${cru}` }),
      section(17, "MemoryDevice", { Manufacturer: "Devgrid", Type: "DDR4", Size: `${Math.floor(mru / 2 ** 30)} GB` }),
    ],
  };
}
