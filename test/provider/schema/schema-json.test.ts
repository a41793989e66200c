import { providerSchemaJson } from "../../../lib/provider/schema/schema-json";
import { labProvider, labProviders, labSource, MemoryWorld } from "../../support/lab-provider";
import { TerraformProject } from "../../support/terraform";

describe("the schema as JSON", () => {
  it("is what the real Terraform prints for the same provider", async () => {
    const definition = labProvider(new MemoryWorld());
    const project = await TerraformProject.attached(definition, { providers: labProviders });
    const { stdout } = await project.succeed("providers", "schema", "-json");
    await project.remove();
    expect(JSON.parse(JSON.stringify(providerSchemaJson(labSource, definition)))).toEqual(JSON.parse(stdout));
  });
});
