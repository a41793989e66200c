/**
 * Workloads in the grid's own format: the escape hatch for what no construct covers.
 *
 * What you get    A numbering key-value store and a shared directory under one contract on one node, checked while the program
 *                 runs: a misspelt field or a size of 0 never reaches a node. The store's password is the one that the account
 *                 derives for it; any text may be a secret, and none is in a file, plan or state.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 3 USD a month, paid in TFT.
 * What to change  SIZE=20 for a larger store, grown in place: `data` is in the grid's own words, what a node can change in place
 *                 is changed there, and what would lose data is shown as a replacement. Further workloads: zmachine, network, ip,
 *                 qsfs. NETWORK=test or main for a real network, with the account's mnemonic in THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, RawDeployment, Secret } from "cdktf-threefold";
import type { Construct } from "constructs";

const GIB = 1024 ** 3;

class RawStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-raw" });

    const size = Number(process.env.SIZE ?? 10) * GIB;
    const password = Secret.fromReference("derive:zdb-password/log/1");
    const log = new RawDeployment(this, "log", {
      description: "what happened, in order",
      workloads: [
        { name: "events", type: "zdb", data: { size, mode: "seq", password, public: false } },
        { name: "scratch", type: "volume", data: { size: 5 * GIB } },
      ],
    });

    new TerraformOutput(this, "namespace", { value: log.result("events", "Namespace") });
    new TerraformOutput(this, "contract", { value: log.contractId });
  }
}

const app = new App();
new RawStack(app, "raw");
app.synth();
