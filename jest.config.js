/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  // Jest leaves one core free by default; on two cores that is half of them.
  maxWorkers: "100%",
  // A deadline for what hangs, not a measure of speed.
  testTimeout: 180_000,
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  moduleNameMapper: { "^cdktf-threefold$": "<rootDir>/lib/index.ts" },
  transform: {
    "^.+\\.ts$": [
      "ts-jest",
      {
        diagnostics: false,
        tsconfig: {
          module: "commonjs",
          moduleResolution: "node10",
          target: "ES2022",
          isolatedModules: true,
          esModuleInterop: true,
          resolveJsonModule: true,
        },
      },
    ],
  },
};
