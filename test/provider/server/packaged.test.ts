import { installProviderMirror } from "../../../lib/constructs/private/provider-package";
import { PROVIDER_SOURCE } from "../../../lib/core/provider-source";
import { type PackagedLab, packageLab } from "../../support/packaged-lab";
import { TerraformProject } from "../../support/terraform";

describe("a packaged provider under the real Terraform", () => {
  let lab: PackagedLab;
  let project: TerraformProject;

  beforeAll(async () => {
    lab = await packageLab();
    project = new TerraformProject({
      env: { LAB_WORLD: lab.worldDir },
      providers: { lab: { source: PROVIDER_SOURCE, version: "1.2.3" } },
    });
    installProviderMirror({
      stackDir: project.dir,
      packageDir: lab.packageDir,
      version: "1.2.3",
      requiredProviders: [],
      environment: project.env,
    });
  });
  afterAll(async () => {
    await project.remove();
    lab.remove();
  });

  it("is found by init through the implied mirror and the lock entry", async () => {
    project.write({ resource: { lab_thing: { a: { name: "x" } } } });
    await project.init("-lockfile=readonly");
    await project.apply();
    expect(await project.attributes("lab_thing.a")).toMatchObject({ id: "id-x", generation: 1, note: "default" });
  });
});
