import { validateDeployment } from "../../../lib/model/deployment";
import { deploymentOf, machineJson, workloadJson } from "../../support/deployments";

type Json = Record<string, unknown>;

/** What the node says of one workload among others. */
function verdict(type: string, data: unknown, others: readonly Json[] = []): string | undefined {
  return validateDeployment(deploymentOf([workloadJson(type, "w", data), ...others]));
}

function withNetwork(network: Json): Json {
  return machineJson({ network: { interfaces: [{ network: "net1", ip: "10.20.2.2" }], ...network } });
}

describe("the node's check of a machine", () => {
  it.each<[Json, string | undefined]>([
    [{ network: {} }, "only one network private network is supported at the moment"],
    [{ network: { interfaces: [{ network: "net1" }] } }, "invalid IP"],
    [{ compute_capacity: { cpu: 0, memory: 0 } }, "cpu capacity can't be 0"],
    [{ compute_capacity: { cpu: 1, memory: 262143999 } }, "mem capacity can't be less that 250M"],
    [{ compute_capacity: { cpu: 1, memory: 262144000 } }, undefined],
    [{ compute_capacity: { cpu: 255, memory: 262144000 } }, undefined],
    [{ size: 524287999 }, "disk size can't be less that 524288000. Set to 0 for minimum"],
    [{ size: 524288000 }, undefined],
    [
      { size: 2147483647, compute_capacity: { cpu: 8, memory: 1073741824 } },
      "disk size can't be less that 2147483648. Set to 0 for minimum",
    ],
    [{ size: 524288000, compute_capacity: { cpu: 8, memory: 1073741823 } }, undefined],
    [{ network: { interfaces: [{ network: "pub", ip: "::1" }] } }, "'pub' is reserved network name"],
    [{ network: { interfaces: [{ network: "mycelium", ip: "::1" }] } }, "'mycelium' is reserved network name"],
    [
      withNetwork({ mycelium: { network: "net1", hex_seed: "0102030405" } }),
      "invalid mycelium seed length expected 6 bytes",
    ],
    [withNetwork({ mycelium: {} }), "invalid mycelium seed length expected 6 bytes"],
    [withNetwork({ mycelium: { network: "net1", hex_seed: "000000000000" } }), undefined],
    [{ entrypoint: null, env: null, mounts: null }, undefined],
  ])("says of %j: %s", (change, problem) => {
    expect(verdict("zmachine", machineJson(change))).toBe(problem);
    expect(verdict("zmachine-light", machineJson(change))).toBe(problem);
  });

  it.each<[string, readonly Json[], string | undefined]>([
    ["an address that exists", [workloadJson("ip", "pip", { v4: true })], undefined],
    ["an address of the old kind", [workloadJson("ipv4", "pip", {})], undefined],
    ["an address that does not", [], "public ip is not found"],
    [
      "an address that another machine uses",
      [workloadJson("ip", "pip", { v6: true }), workloadJson("zmachine", "w2", withNetwork({ public_ip: "pip" }))],
      "public ip is assigned to multiple vms",
    ],
    // The node's own slip: it lets this pass and fails when it starts the machine.
    ["something that is no address", [workloadJson("zmount", "pip", { size: 1 })], undefined],
  ])("of public_ip naming %s", (_, others, problem) => {
    expect(verdict("zmachine", withNetwork({ public_ip: "pip" }), others)).toBe(problem);
  });

  it("does not find an address whose name is not valid", () => {
    const others = [workloadJson("ip", "p-1", { v4: true })];
    expect(verdict("zmachine", withNetwork({ public_ip: "p-1" }), others)).toBe("public ip is not found");
  });

  it("looks at the networks after the public address", () => {
    const network = { public_ip: "pip", interfaces: [{ network: "ygg", ip: "10.20.2.2" }] };
    const others = [workloadJson("ip", "pip", { v4: true })];
    expect(verdict("zmachine", machineJson({ network }), others)).toBe("'ygg' is reserved network name");
  });
});

describe("the node's check of storage", () => {
  it.each([
    ["zmount", {}, "invalid size"],
    ["volume", { size: 0 }, "invalid size"],
    ["zmount", { size: 1 }, undefined],
    ["zdb", { size: 0, mode: "x" }, "invalid size"],
    ["zdb", { size: 1, mode: "USER" }, "invalid mode"],
    ["zdb", { size: 1 }, "invalid mode"],
    ["zdb", { size: 1, mode: "seq", password: "" }, undefined],
    [
      "qsfs",
      { config: { minimal_shards: 3, expected_shards: 2 } },
      "minimal shards can't be greater than expected shards",
    ],
    ["qsfs", {}, undefined],
  ])("says of %s %j: %s", (type, data, problem) => expect(verdict(type, data)).toBe(problem));
});

describe("the node's check of networks", () => {
  const key = "ab".repeat(32);
  const peer = { subnet: "10.20.3.0/24", wireguard_public_key: "K", allowed_ips: ["10.20.3.0/24"] };
  const slice = { ip_range: "10.20.0.0/16", subnet: "10.20.2.0/24", wireguard_private_key: "P" };

  it.each<[Json, string | undefined]>([
    [{}, undefined],
    [{ ip_range: "" }, "network IP range cannot be empty"],
    [{ subnet: null }, "network resource subnet cannot empty"],
    [{ wireguard_private_key: "" }, "network resource wireguard private key cannot empty"],
    [{ peers: [peer] }, undefined],
    [{ peers: [peer, {}] }, "peer wireguard subnet cannot empty"],
    [{ peers: [{ ...peer, allowed_ips: [] }] }, "peer wireguard allowedIPs cannot empty"],
    [{ peers: [{ ...peer, wireguard_public_key: "" }] }, "peer wireguard public key cannot empty"],
    [{ mycelium: {} }, "invalid mycelium key length, expected 32"],
    [{ mycelium: { hex_key: key, peers: ["x"] } }, "user defined peers list is not supported right now"],
    [{ mycelium: { hex_key: key } }, undefined],
    [{ ip_range: "8.8.0.0/8" }, undefined],
  ])("says of a full one with %j: %s", (change, problem) =>
    expect(verdict("network", { ...slice, ...change })).toBe(problem),
  );

  it.each<[Json, string | undefined]>([
    [{ subnet: "10.20.2.0/24", mycelium: { hex_key: key } }, undefined],
    [{ subnet: "10.20.2.0/24", mycelium: { hex_key: key }, peers: [{}] }, undefined],
    [{ mycelium: { hex_key: key } }, "network resource subnet cannot empty"],
    [{ subnet: "10.20.2.0/24" }, "invalid mycelium key length, expected 32"],
  ])("says of a light one with %j: %s", (data, problem) => expect(verdict("network-light", data)).toBe(problem));
});

describe("the node's check of gateways", () => {
  // Cases of the node's own tests.
  it.each([
    [true, "1.1.1.1:10", true],
    [true, "1.1.1.1", false],
    [true, "1.1.1.1:port", false],
    [true, "ip:10", false],
    [true, "1.1.1.1:1000000", false],
    [true, "http://1.1.1.1:10", false],
    [true, "127.0.0.1:8080", true],
    [true, "1.1.1.1:", false],
    [true, "1.1.1.1:00080", true],
    [true, "1.1.1.1:18446744073709551616", false],
    [true, "[2001:db8:3333:4444:CCCC:DDDD:EEEE:FFFF]:8080", true],
    [true, "2001:db8::1:8080", false],
    [true, "", false],
    [false, "http://1.1.1.1:10", true],
    [false, "http://1.1.1.1", true],
    [false, "http://[2001:db8:3333:4444:CCCC:DDDD:EEEE:FFFF]", true],
    [false, "http://[2001:db8::1]:8080", true],
    [false, "http://1.1.1.1:port", false],
    [false, "http://ip:10", false],
    [false, "1.1.1.1:80", false],
    [false, "[2001:db8::1]:10", false],
    [false, "https://3.3.3.3", false],
    [false, "ftp://1.1.1.1", false],
    [false, "http://localhost", false],
    [false, "http://127.0.0.1", false],
    [false, "http://[::1]", false],
    [false, "", false],
  ])("with tls_passthrough %s, takes backend %j: %s", (tls_passthrough, backend, isTaken) => {
    const problem = verdict("gateway-name-proxy", { name: "g", tls_passthrough, backends: [backend] });
    expect(problem === undefined).toBe(isTaken);
    if (!isTaken) expect(problem).toContain(`failed to validate backend '${backend}': `);
  });

  it.each([
    [false, "https://1.1.1.1", "failed to validate backend 'https://1.1.1.1': scheme expected to be http"],
    [
      false,
      "http://example.com:80",
      "failed to validate backend 'http://example.com:80': invalid ip address in backend: example.com",
    ],
    [
      true,
      "1.1.1.1:70000",
      "failed to validate backend '1.1.1.1:70000': failed to parse backend 1.1.1.1:70000 with error: port '70000' must be <= 65535",
    ],
    [
      true,
      "1.1.1.1",
      "failed to validate backend '1.1.1.1': failed to parse backend 1.1.1.1 with error: failed to parse backend 1.1.1.1 with error: address 1.1.1.1: missing port in address",
    ],
    [true, "a:1", "failed to validate backend 'a:1': failed to parse backend a:1 with error: invalid ip"],
  ])("with tls_passthrough %s, says of backend %j: %s", (tls_passthrough, backend, problem) => {
    expect(verdict("gateway-fqdn-proxy", { fqdn: "a.example.com", tls_passthrough, backends: [backend] })).toBe(
      problem,
    );
  });

  it.each([
    ["gateway-name-proxy", { name: "a.b" }, "name a.b is invalid"],
    ["gateway-name-proxy", { name: "A-b_1" }, "backends list can not be empty"],
    ["gateway-fqdn-proxy", { fqdn: "localhost" }, "fqdn localhost is invalid"],
    ["gateway-fqdn-proxy", { fqdn: "a.b" }, "fqdn a.b is invalid"],
    ["gateway-fqdn-proxy", { fqdn: "a.bc" }, "backends list can not be empty"],
  ])("says of %s %j: %s", (type, data, problem) => expect(verdict(type, data)).toBe(problem));
});

describe("the node's check of log streams and addresses", () => {
  const machine = workloadJson("zmachine", "vm", machineJson());

  it.each([
    ["redis://host/x", undefined],
    ["WSS://host/x", undefined],
    ["https://host", "invalid output schema 'https' not supported"],
    ["", "invalid output schema '' not supported"],
    ["ws://host:port", 'invalid url supplied in output: parse "ws://host:port": invalid port ":port" after host'],
  ])("says of a stream to %j: %s", (output, problem) =>
    expect(verdict("zlogs", { zmachine: "vm", output }, [machine])).toBe(problem),
  );

  it("refuses a stream of what is no full machine", () => {
    const others = [workloadJson("zmachine-light", "vm", machineJson())];
    expect(verdict("zlogs", { zmachine: "vm", output: "ws://h" }, others)).toBe("no zmachine with name 'vm' found");
    expect(verdict("zlogs", { zmachine: "w", output: "ws://h" })).toBe("no zmachine with name 'w' found");
  });

  it("refuses an address that selects nothing", () => {
    expect(verdict("ip", {})).toBe("public ip workload with no selections");
    expect(verdict("ip", { v6: true })).toBeUndefined();
    expect(verdict("ipv4", {})).toBeUndefined();
  });
});
