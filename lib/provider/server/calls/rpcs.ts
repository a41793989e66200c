import { applyResourceChange } from "./apply-call";
import type { Rpcs, Service } from "./call";
import {
  configureProvider,
  validateDataResourceConfig,
  validateProviderConfig,
  validateResourceConfig,
} from "./config-calls";
import { readDataSource } from "./data-source-call";
import { planResourceChange } from "./plan-call";
import { getMetadata, getProviderSchema } from "./schema-calls";
import { importResourceState, moveResourceState, readResource, upgradeResourceState } from "./state-calls";

/** Every answered method of the Terraform service. */
export function terraformRpcs(service: Service): Rpcs {
  return {
    GetMetadata: getMetadata(service),
    GetProviderSchema: getProviderSchema(service),
    ValidateProviderConfig: validateProviderConfig(service),
    ValidateResourceConfig: validateResourceConfig(service),
    ValidateDataResourceConfig: validateDataResourceConfig(service),
    UpgradeResourceState: upgradeResourceState(service),
    ConfigureProvider: configureProvider(service),
    ReadResource: readResource(service),
    PlanResourceChange: planResourceChange(service),
    ApplyResourceChange: applyResourceChange(service),
    ImportResourceState: importResourceState(service),
    MoveResourceState: moveResourceState(service),
    ReadDataSource: readDataSource(service),
    StopProvider: async () => {
      service.walk.stop();
      return {};
    },
    GetFunctions: async () => ({}),
  };
}
