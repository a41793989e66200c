/** Layers may import only what this map names: the arrows of the design, one way. */
const layers = {
  core: [],
  model: ["core"],
  grid: ["core", "model"],
  engine: ["core", "model"],
  provider: ["core", "model", "grid", "engine"],
  devgrid: ["core", "model"],
  constructs: ["core", "model"],
};

/** The engine sees the grid as interfaces only. */
const typeOnlyAllowed = { engine: ["grid"] };

/** The one place outside devgrid that may start it, by a lazy import. */
const devgridDoors = "^lib/provider/devgrid-door\\.ts$";

const folder = (name) => `^lib/${name}/`;

const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `layer-${layer}`,
  severity: "error",
  from: { path: folder(layer), pathNot: layer === "provider" ? devgridDoors : undefined },
  to: {
    path: "^lib/",
    pathNot: [layer, ...allowed].map(folder).concat((typeOnlyAllowed[layer] ?? []).map(folder)),
  },
}));

const typeOnlyRules = Object.entries(typeOnlyAllowed).map(([layer, targets]) => ({
  name: `layer-${layer}-types-only`,
  severity: "error",
  from: { path: folder(layer) },
  to: { path: targets.map(folder), dependencyTypesNot: ["type-only"] },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...typeOnlyRules,
    {
      name: "no-cycles",
      severity: "error",
      from: { path: "^lib/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "constructs-load-no-chain-library",
      severity: "error",
      from: { path: "^lib/(index\\.ts|constructs/)" },
      to: { reachable: true, path: "node_modules/@polkadot|node_modules/ws/" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default"] },
  },
};
