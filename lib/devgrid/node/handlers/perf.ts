import { struct, text } from "../../../model/wire/reader";
import { type NodeParts, nodeTime } from "../engine/node-parts";
import { NodeError } from "../node-error";
import { type CommandTable, readPayload } from "./command";

interface TaskResult {
  readonly name: string;
  readonly description: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly result: unknown;
}

const taskArgs = struct<{ name: string }>({ name: text });

/** Measurements that nodes make on their own: here constant figures, always fresh. @source zosbase pkg/perf */
export const perfCommands: CommandTable = {
  "zos.perf.get": ({ parts }, _twinId, payload) => {
    const { name } = readPayload(taskArgs, payload);
    const task = tasksOf(parts).find((candidate) => candidate.name === name);
    if (!task) throw new NodeError("result not found");
    return task;
  },
  "zos.perf.get_all": ({ parts }) => tasksOf(parts),
};

const CPU_REPORT = {
  host_total: 4.1,
  host_user: 0.6,
  host_system: 3.5,
  remote_total: 7.9,
  remote_user: 0.8,
  remote_system: 7.1,
};

const SPEED = { upload_speed: 940_000_000, download_speed: 920_000_000 };

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  iperf: "Test network performance against public iperf3 servers with both UDP and TCP",
  "cpu-benchmark":
    "Measures the performance of the node CPU by reporting the timespent of computing a task in seconds.",
  "public-ip-validation": "Runs on the least NodeID node in a farm to validate all its IPs.",
  healthcheck:
    "health check task runs multiple checks to ensure the node is in a usable state and set flags for the power daemon to stop reporting uptime if it is not usable",
  speedtest: "Measures the download/upload speed of the node.",
};

function tasksOf(parts: NodeParts): TaskResult[] {
  const { cru } = parts.runtime.surroundings.hardware.resources;
  const server = { server_host: "iperf.devgrid.test", server_ip: "185.206.122.2", server_port: 5201 };
  const results: Readonly<Record<string, unknown>> = {
    iperf: ["tcp", "udp"].map((test_type) => ({ ...SPEED, ...server, test_type, error: "", cpu_report: CPU_REPORT })),
    "cpu-benchmark": { single: 1.6, multi: 0.9, threads: cru, workloads: 0 },
    "public-ip-validation": publicIpReports(parts),
    healthcheck: { cache: [], network: [] },
    speedtest: SPEED,
  };
  return Object.entries(results).map(([name, result]) => ({
    name,
    description: DESCRIPTIONS[name] ?? "",
    timestamp: nodeTime(parts),
    result,
  }));
}

/** The first node of a farm answers for all addresses of the farm. */
function publicIpReports({ ledger, nodeId }: NodeParts): Readonly<Record<string, unknown>> {
  const farmId = ledger.getNode(nodeId)?.farmId;
  const first = ledger.listNodes().find((node) => node.farmId === farmId);
  const farm = farmId === undefined ? undefined : ledger.getFarm(farmId);
  if (first?.nodeId !== nodeId || !farm) return {};
  const report = (contractId: number) =>
    contractId === 0
      ? { state: "valid", reason: "" }
      : { state: "skipped", reason: "ip is already assigned to a contract" };
  return Object.fromEntries(farm.publicIps.map(({ ip, contractId }) => [ip, report(contractId)]));
}
