import fc from "fast-check";
import { GridError } from "../../lib/core/errors";
import {
  capacityOf,
  challengeOf,
  deploymentHash,
  parseDeployment,
  validateDeployment,
} from "../../lib/model/deployment";
import { workloadModels } from "../../lib/model/workloads/registry";
import { deploymentOf, machineJson, workloadJson } from "../support/deployments";

/** What the challenge of a deployment with one workload holds between its fixed ends. */
function challengePart(type: string, data: unknown): string {
  const challenge = challengeOf(deploymentOf([workloadJson(type, "w", data)]));
  const [head, tail] = [`070300w${type}`, "703false11"];
  expect([challenge.slice(0, head.length), challenge.slice(-tail.length)]).toEqual([head, tail]);
  return challenge.slice(head.length, -tail.length);
}

function network(ip: string, mycelium?: unknown) {
  return { network: { interfaces: [{ network: "net1", ip }], ...(mycelium === undefined ? {} : { mycelium }) } };
}

describe("the challenge of a deployment", () => {
  it("holds every part in the node's order, without separators", () => {
    const deployment = parseDeployment({
      version: 3,
      twin_id: 7,
      contract_id: 99,
      metadata: "M",
      description: "D",
      expiration: -1,
      signature_requirement: {
        requests: [{ twin_id: 7, required: true, weight: 2 }, { twin_id: 8 }],
        weight_required: 2,
        signatures: [{ twin_id: 7, signature: "00" }],
        signature_style: "polka-wallet",
      },
      workloads: [workloadJson("zmount", "d", { size: 5 }, { version: 2, metadata: "m", description: "d" })],
    });
    expect(challengeOf(deployment)).toBe("37MD-12dzmountmd57true28false02polka-wallet");
  });

  it("does not depend on contract, signatures and results", () => {
    const bare = deploymentOf([workloadJson("zmount", "d", { size: 5 })]);
    const result = { created: 1, state: "ok", message: "m", data: { volume_id: "x" } };
    const full = deploymentOf([workloadJson("zmount", "d", { size: 5 }, { result })], { contract_id: 56 });
    expect(deploymentHash(full)).toBe(deploymentHash(bare));
  });

  it("takes an expiration written as a date for its seconds", () => {
    const dated = deploymentOf([], { expiration: "2021-07-16T00:15:39Z" });
    expect(challengeOf(dated)).toBe("07031626394539703false11");
  });

  it("holds hexadecimal keys in lower case, whatever case was sent", () => {
    const seed = { network: "net1", hex_seed: "B60F2B7EC39C" };
    expect(challengePart("zmachine-light", machineJson(network("10.20.2.2", seed)))).toContain(
      "net110.20.2.2net1b60f2b7ec39c0",
    );
    const key = { algorithm: "AES", key: "AB" };
    expect(challengePart("qsfs", { config: { encryption: key, meta: { config: { encryption: key } } } })).toBe(
      "000000AESabAESab",
    );
  });

  it("holds addresses in canonical form", () => {
    expect(challengePart("zmachine-light", machineJson(network("2001:DB8:0::0:1")))).toContain("net12001:db8::101");
    const peer = {
      subnet: "10.20.3.9/24",
      wireguard_public_key: "K",
      allowed_ips: ["FD00:0::/64", null],
      endpoint: "[2A10::1]:1",
    };
    const slice = { ip_range: "10.20.0.0/16", subnet: "10.20.2.7/24", wireguard_private_key: "P", peers: [peer] };
    expect(challengePart("network", slice)).toBe("10.20.0.0/1610.20.2.7/24P0K[2A10::1]:110.20.3.9/24fd00::/64<nil>");
  });

  it("holds <nil> and 0 for what a light network leaves out, and nothing for its missing mycelium", () => {
    expect(challengePart("network-light", { subnet: "10.20.2.0/24" })).toBe("<nil>10.20.2.0/240");
  });

  it("holds a machine's mycelium under either spelling of its network", () => {
    const lower = challengePart(
      "zmachine",
      machineJson(network("10.20.2.2", { network: "n", hex_seed: "000000000001" })),
    );
    const upper = challengePart(
      "zmachine",
      machineJson(network("10.20.2.2", { Network: "n", hex_seed: "000000000001" })),
    );
    expect(upper).toBe(lower);
    expect(lower).toContain("n000000000001");
  });

  it("orders environment keys by their bytes", () => {
    const env = { "😀": "3", "\ue000": "2", b: "1", B: "0" };
    expect(challengePart("zmachine-light", machineJson({ env }))).toMatch(/B=0b=1\ue000=2😀=3$/u);
    expect(challengePart("zmachine-light", machineJson({ env: null }))).toMatch(/536870912$/);
  });

  it("leaves out corex and an absent gateway network", () => {
    const plain = challengePart("zmachine", machineJson());
    expect(challengePart("zmachine", machineJson({ corex: true }))).toBe(plain);
    const gateway = { name: "g", backends: ["http://1.1.1.1"] };
    expect(challengePart("gateway-name-proxy", { ...gateway, network: null })).toBe("gfalsehttp://1.1.1.1");
    expect(challengePart("gateway-name-proxy", { ...gateway, network: "" })).toBe("gfalsehttp://1.1.1.1");
    expect(challengePart("gateway-name-proxy", { ...gateway, network: "n" })).toBe("gfalsehttp://1.1.1.1n");
  });

  it("holds peers of the mycelium side after its key", () => {
    const mycelium = { hex_key: "AA", peers: ["tcp://x", "tcp://y"] };
    expect(challengePart("network", { mycelium })).toBe("<nil><nil>0aatcp://xtcp://y");
  });

  it("survives a deployment that was not normalised before", () => {
    const parsed = deploymentOf([
      workloadJson("zmachine-light", "w", machineJson(network("fe80::1", { network: "n", hex_seed: "ab" }))),
    ]);
    const [workload] = parsed.workloads;
    if (workload?.type !== "zmachine-light") throw new Error("another type came back");
    const loose = { interfaces: [{ network: "net1", ip: "FE80:0::1" }], mycelium: { network: "n", hex_seed: "AB" } };
    const handmade = { ...parsed, workloads: [{ ...workload, data: { ...workload.data, network: loose } }] };
    expect(deploymentHash(handmade)).toBe(deploymentHash(parsed));
  });
});

describe("reading a deployment", () => {
  it("gives the same hash after a round trip through JSON", () => {
    const deployment = deploymentOf([workloadJson("zmachine", "vm", machineJson()), workloadJson("ipv4", "ip", {})]);
    expect(deploymentHash(parseDeployment(JSON.parse(JSON.stringify(deployment))))).toBe(deploymentHash(deployment));
  });

  it("takes a state that nobody knows yet for none", () => {
    const [workload] = deploymentOf([
      workloadJson("zmount", "a", { size: 1 }, { result: { state: "fine" } }),
    ]).workloads;
    expect(workload?.result.state).toBe("");
  });

  it("keeps the node's result, and fills in an untouched one", () => {
    const result = { created: 12, state: "ok", message: "", data: { volume_id: "703-55-a" } };
    const { workloads } = deploymentOf([
      workloadJson("zmount", "a", { size: 1 }, { result }),
      workloadJson("zmount", "b", { size: 1 }),
    ]);
    expect(workloads.map((each) => each.result)).toEqual([result, { created: 0, state: "", message: "", data: null }]);
  });

  it.each([
    [{ version: 0.5 }, "deployment.version must be a whole number from 0 to 4294967295, got 0.5"],
    [{ workloads: {} }, "deployment.workloads must be a list"],
    [
      { workloads: [{ type: "zmount", data: { size: 1.5 } }] },
      /^deployment\.workloads\[0\]\.data\.size must be a whole number/,
    ],
    [{ workloads: [{ type: "zmount" }] }, "deployment.workloads[0].data must be an object"],
    [{ workloads: [{ type: "zmount", data: null }] }, "deployment.workloads[0].data must be an object"],
    [{ workloads: [{ type: "zmount", data: [] }] }, "deployment.workloads[0].data must be an object"],
    [
      { workloads: [{ type: "zmachine", data: { env: { A: 1 } } }] },
      "deployment.workloads[0].data.env.A must be a text",
    ],
    [
      { workloads: [{ type: "zmachine", data: { compute_capacity: { cpu: 256 } } }] },
      /data\.compute_capacity\.cpu must be/,
    ],
    [
      { workloads: [{ type: "network", data: { wireguard_listen_port: 65536 } }] },
      /data\.wireguard_listen_port must be/,
    ],
    [
      { workloads: [{ type: "network", data: { peers: [{ subnet: "x" }] } }] },
      /data\.peers\[0\]\.subnet must be an address block/,
    ],
    [{ workloads: [{ type: "container", data: {} }] }, "invalid reservation type 'container'"],
    [{ workloads: [{ type: "toString", data: {} }] }, "invalid reservation type 'toString'"],
    [{ workloads: [null] }, "invalid reservation type ''"],
    ["text", "deployment must be an object"],
  ])("refuses %j and names the place", (json, summary) => {
    const expected = typeof summary === "string" ? summary : expect.stringMatching(summary);
    expect(() => parseDeployment(json)).toThrow(expect.objectContaining({ summary: expected }));
  });
});

describe("hostile JSON", () => {
  const fields = [
    "size",
    "network",
    "interfaces",
    "ip",
    "mycelium",
    "hex_key",
    "peers",
    "subnet",
    "env",
    "config",
    "meta",
  ];
  const key = fc.oneof(fc.constantFrom(...fields, ...fields.map((field) => field.toUpperCase())), fc.string());
  const { tree: json } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, 0, -1, 1.5, 1e300, "", "10.20.2.7/24", "FE80::1", "ABCD", "\ud800", "http://[::1"),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 6 }),
    ),
  }));

  it.each(Object.keys(workloadModels))("of a %s is refused by name, or read so that nothing after it fails", (type) => {
    fc.assert(
      fc.property(json, (data) => {
        const parsed = readOrUndefined({ twin_id: 1, workloads: [{ name: "w", type, data }] });
        if (!parsed) return;
        validateDeployment(parsed);
        capacityOf(parsed);
        expect(deploymentHash(parseDeployment(JSON.parse(JSON.stringify(parsed))))).toBe(deploymentHash(parsed));
      }),
    );
  });

  function readOrUndefined(value: unknown) {
    try {
      return parseDeployment(value);
    } catch (error) {
      expect(error).toBeInstanceOf(GridError);
      return undefined;
    }
  }
});

describe("the node's structural check", () => {
  it.each([
    ["a-b", "name 'a-b' is invalid: unsupported character in workload name"],
    ["", "name '' is invalid: name cannot be empty"],
    ["a".repeat(37), `name '${"a".repeat(37)}' is invalid: name cannot exceed 36 characters`],
    ["é".repeat(19), `name '${"é".repeat(19)}' is invalid: name cannot exceed 36 characters`],
    ["a\n", "name 'a\n' is invalid: unsupported character in workload name"],
    ["ygg", "name 'ygg' is invalid: invalid name 'ygg' is reserved"],
    ["a".repeat(36), undefined],
    ["YGG", undefined],
  ])("judges the name %j: %s", (name, problem) => {
    expect(validateDeployment(deploymentOf([workloadJson("zmount", name, { size: 1 })]))).toBe(problem);
  });

  it("refuses a name used twice", () => {
    const twice = [workloadJson("zmount", "a", { size: 1 }), workloadJson("volume", "a", { size: 1 })];
    expect(validateDeployment(deploymentOf(twice))).toBe("multiple workloads with the same name 'a'");
  });

  it("refuses a workload version above the deployment's, and looks at that first", () => {
    const ahead = [workloadJson("zmount", "a-b", { size: 0 }, { version: 2 })];
    const problem = "workload 'a-b' version '2' cannot be higher than deployment version '1'";
    expect(validateDeployment(deploymentOf(ahead, { version: 1 }))).toBe(problem);
  });

  it("takes workloads in order: the first problem is told", () => {
    const both = [workloadJson("zmount", "a", { size: 0 }), workloadJson("zdb", "b-", { size: 0 })];
    expect(validateDeployment(deploymentOf(both))).toBe("invalid size");
  });

  it("does not look at mounts", () => {
    const machine = machineJson({ mounts: [{ name: "nowhere", mountpoint: "" }] });
    expect(validateDeployment(deploymentOf([workloadJson("zmachine", "vm", machine)]))).toBeUndefined();
  });
});

describe("the capacity of a deployment", () => {
  it("is the sum over its workloads", () => {
    const deployment = deploymentOf([
      workloadJson("zmachine", "vm", machineJson()),
      workloadJson("zmount", "d", { size: 10 }),
      workloadJson("zdb", "z", { size: 20 }),
      workloadJson("ip", "p", { v4: true }),
      workloadJson("qsfs", "q", { cache: 30 }),
      workloadJson("network-light", "n", {}),
    ]);
    expect(capacityOf(deployment)).toEqual({ cru: 2, mru: 1610612736, sru: 524288040, hru: 20, ipv4u: 1 });
  });
});
