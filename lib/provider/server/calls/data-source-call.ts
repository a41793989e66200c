import { conform } from "../values/conform";
import { readDynamicValue, writeDynamicValue } from "../values/dynamic-value";
import { answer, type Rpc, type Service } from "./call";

/** Reads a data source. */
export function readDataSource(service: Service): Rpc<"ReadDataSource"> {
  return (request) =>
    answer(
      service,
      { doing: `reading data ${request.type_name}`, find: () => service.catalog.dataSource(request.type_name) },
      async ({ owner, shape, report }) => {
        const config = readDynamicValue(shape, request.config) ?? {};
        const state = await owner.read(config, service.walk.context(report));
        const value = conform(shape, state, {
          unknown: "report",
          report: (path, problem) => report.defect(path, problem),
        });
        return { state: writeDynamicValue(value) };
      },
    );
}
