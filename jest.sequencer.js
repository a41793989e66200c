const Sequencer = require("@jest/test-sequencer").default;

/** What takes longest, longest first. Started last, one of them would keep a single worker busy while the others are done. */
const LONGEST = [
  "simulation/storm",
  "simulation/plan-truth",
  "provider/interruptions",
  "examples/examples",
  "simulation/sweep",
  "provider/gateway-interruptions",
  "constructs/deployed",
  "provider/dead-services",
  "provider/server/process",
  "demo/demo",
  "provider/gateway-names",
  "simulation/drift",
  "provider/secrets",
];

/** Jest's own order behind the longest ones: on a clean clone it knows nothing but the sizes of files. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONGEST.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
      return index < 0 ? LONGEST.length : index;
    };
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
