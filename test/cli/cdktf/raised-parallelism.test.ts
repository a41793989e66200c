import { raisedParallelism } from "../../../lib/cli/cdktf/raised-parallelism";

const VARIABLE = "CDKTF_TERRAFORM_PARALLELISM";
const OPTION = "--terraform-parallelism";

describe("how many objects Terraform works on under threefold", () => {
  test.each([
    ["is 256 when nobody says anything", [], {}, "256"],
    ["is what the option says", ["shop", OPTION, "64"], {}, "64"],
    ["is what the option says in one word", [`${OPTION}=64`, "shop"], {}, "64"],
    ["is what the last of several options says", [OPTION, "3", OPTION, "64"], {}, "64"],
    ["is what the environment says", ["shop"], { [VARIABLE]: "12" }, "12"],
    ["is what the option says, whatever the environment says", [OPTION, "64"], { [VARIABLE]: "12" }, "64"],
    ["is 256 when the environment says nothing", [], { [VARIABLE]: "", TF_CLI_ARGS: "" }, "256"],
    ["is left to what Terraform is told for all its commands", [], { TF_CLI_ARGS: "-parallelism=5" }, undefined],
    ["is left to what Terraform is told for the command", [], { TF_CLI_ARGS_apply: "-x --parallelism 5" }, undefined],
    ["is not what Terraform is told for another command", [], { TF_CLI_ARGS_plan: "-parallelism=5" }, "256"],
    ["is not how many stacks cdktf works on", ["--parallelism", "2", "--auto-approve"], {}, "256"],
    ["can be Terraform's own", [OPTION, "-1"], {}, "-1"],
  ])("%s", (_what, args, env, expected) => {
    const other = { PATH: "/bin", ...env };
    expect(raisedParallelism(args, other, "apply")).toEqual({ ...other, [VARIABLE]: expected });
  });

  test.each(["0", "-2", "1.5", "1e3", "many", "", "99999999999999999999"])('is not "%s"', (number) => {
    const said = `is "${number}"; allowed: a positive whole number, or -1 for Terraform's own.`;
    expect(() => raisedParallelism([OPTION, number], {}, "apply")).toThrow(`${OPTION} ${said}`);
    if (number) expect(() => raisedParallelism([], { [VARIABLE]: number }, "apply")).toThrow(`${VARIABLE} ${said}`);
  });

  test("has to be said when the option is there", () => {
    expect(() => raisedParallelism([OPTION], {}, "apply")).toThrow(`${OPTION} is ""`);
  });
});
