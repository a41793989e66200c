import { execFile } from "node:child_process";

/** A program that runs Terraform configurations. */
export interface TerraformBinary {
  readonly command: "terraform" | "tofu";
  /** `Terraform 1.11.4`, for people. */
  readonly title: string;
}

/** Oldest versions that this package is meant for. */
const OLDEST = { terraform: [1, 8], tofu: [1, 7] } as const;
const PRODUCT = { terraform: "Terraform", tofu: "OpenTofu" } as const;

const INSTALL = `Install one of them, then run the same command again:

  OpenTofu   macOS    brew install opentofu
             Debian   curl -fsSL https://get.opentofu.org/install-opentofu.sh -o install-opentofu.sh
                      sh install-opentofu.sh --install-method deb
             others   https://opentofu.org/docs/intro/install

  Terraform  macOS    brew tap hashicorp/tap && brew install hashicorp/tap/terraform
             Debian   wget -O- https://apt.releases.hashicorp.com/gpg | sudo gpg --dearmor -o /usr/share/keyrings/hashicorp.gpg
                      echo "deb [signed-by=/usr/share/keyrings/hashicorp.gpg] https://apt.releases.hashicorp.com $(lsb_release -cs) main" | sudo tee /etc/apt/sources.list.d/hashicorp.list
                      sudo apt-get update && sudo apt-get install terraform
             others   https://developer.hashicorp.com/terraform/install`;

/**
 * Finds Terraform, or OpenTofu when there is no Terraform.
 *
 * @throws {Error} that says what to install when there is none, or it is too old
 */
export async function findTerraform(env: NodeJS.ProcessEnv): Promise<TerraformBinary> {
  const found: string[] = [];
  for (const command of ["terraform", "tofu"] as const) {
    const version = await versionOf(command, env);
    if (version === undefined) continue;
    if (isRecent(version, OLDEST[command])) return { command, title: `${PRODUCT[command]} ${version}` };
    found.push(`${PRODUCT[command]} ${version}`);
  }
  const standing =
    found.length > 0 ? `Too old: ${found.join(", ")}.` : "There is neither terraform nor tofu on the PATH.";
  const needed = `Terraform ${OLDEST.terraform.join(".")} or later, or OpenTofu ${OLDEST.tofu.join(".")} or later, is needed.`;
  throw new Error(`${standing} ${needed}\n\n${INSTALL}`);
}

/** Undefined when the command is not there or gives no version. */
function versionOf(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(command, ["version", "-json"], { env, timeout: 30_000, encoding: "utf8" }, (error, stdout) => {
      if (error) return done(undefined);
      done(/"terraform_version":\s*"(\d+\.\d+\.\d+)/.exec(stdout)?.[1]);
    });
  });
}

function isRecent(version: string, [major, minor]: readonly [number, number]): boolean {
  const [givenMajor = 0, givenMinor = 0] = version.split(".").map(Number);
  return givenMajor > major || (givenMajor === major && givenMinor >= minor);
}
