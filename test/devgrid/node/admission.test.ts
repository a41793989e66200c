import { GIB } from "../../../lib/core/units";
import { NodeLab, network, zmachine, zmount } from "./node-lab";

const DISK = zmount("disk", GIB);

describe("a new deployment at the door of a node", () => {
  let lab: NodeLab;
  beforeEach(async () => {
    lab = await NodeLab.create();
  });
  afterEach(() => lab.node.close());

  it("is accepted with null, stored in init, and looked up on the chain only later", async () => {
    lab.clock.isFrozen = true;
    await expect(lab.send("deploy", lab.deployment(1, [DISK]))).resolves.toBeNull();
    expect((await lab.get(1)).workloads[0]?.result).toEqual({
      created: 1_700_000_000,
      state: "init",
      message: "",
      data: null,
    });
  });

  it.each([
    ["nothing", undefined, "unexpected end of JSON input"],
    ["a fractional size", { workloads: [{ ...DISK, data: { size: 1.5 } }] }, /whole number/],
    ["an unknown type", { workloads: [{ name: "x", type: "ship", data: {} }] }, "invalid reservation type 'ship'"],
  ])("is refused when it is %s", async (_what, payload, text) => {
    expect(await lab.refusal("deploy", payload)).toMatch(text);
  });

  it("is refused for its structure before its twin is looked at", async () => {
    const deployment = lab.deployment(1, [zmount("bad-name", GIB)], { twin_id: 8 });
    expect(await lab.refusal("deploy", deployment)).toBe(
      "name 'bad-name' is invalid: unsupported character in workload name",
    );
  });

  it("is refused when a workload is newer than the deployment", async () => {
    const text = "workload 'disk' version '1' cannot be higher than deployment version '0'";
    expect(await lab.refusal("deploy", lab.deployment(1, [zmount("disk", GIB, 1)]))).toBe(text);
  });

  it("is refused for another twin before identity is asked", async () => {
    const deployment = lab.deployment(1, [DISK], { twin_id: 8 });
    expect(await lab.refusal("deploy", deployment)).toBe("twin id mismatch (deployment: 8, message: 7)");
    expect(lab.kycQuestions).toEqual([]);
  });

  it("is refused when its owner is not verified after six questions with growing pauses, before signatures", async () => {
    lab.verified.clear();
    const unsigned = { ...lab.deployment(1, [DISK]), signature_requirement: {} };
    expect(await lab.refusal("deploy", unsigned)).toBe("user with twin id 7 is not verified");
    expect(lab.kycQuestions).toEqual([7, 7, 7, 7, 7, 7]);
    expect(lab.clock.slept).toEqual([500, 750, 1_125, 1_688, 2_531]);
  });

  it("is accepted when the owner gets verified between two questions", async () => {
    lab.verified.clear();
    lab.clock.isFrozen = true;
    const answer = lab.send("deploy", lab.deployment(1, [DISK]));
    await lab.clock.somebodySleeps();
    lab.verified.add(7);
    lab.clock.thaw();
    await expect(answer).resolves.toBeNull();
  });

  it("is refused when the identity service gives no answer", async () => {
    const mute = await NodeLab.create(1, { kyc: () => Promise.reject(new Error("down")) });
    const text = await mute.refusal("deploy", mute.deployment(1, [DISK]));
    mute.node.close();
    expect(text).toBe("failed to get twin verification status");
  });

  it("is refused for a wrong signature before its version is looked at", async () => {
    const deployment = lab.deployment(1, [DISK], { version: 3 });
    expect(await lab.refusal("deploy", { ...deployment, metadata: "changed" })).toBe("failed to verify signature");
  });

  it("is refused when it does not start at version 0", async () => {
    const text = "expected version to be 0 on deployment creation: invalid version";
    expect(await lab.refusal("deploy", lab.deployment(1, [DISK], { version: 1 }))).toBe(text);
  });

  it("is refused a second time, even with other content", async () => {
    await lab.deploy(1, [DISK]);
    expect(await lab.refusal("deploy", lab.deployment(1, [zmount("other", GIB)]))).toBe("exists");
  });

  it("is refused, and not stored, when the twin has a network of that name in another deployment", async () => {
    await lab.deploy(1, [network()]);
    const deployment = lab.deployment(2, [DISK, network({ wireguard_listen_port: 7000 })]);
    expect(await lab.refusal("deploy", deployment)).toBe("global workload with the same name 'net' exists: conflict");
    await expect(lab.get(2)).rejects.toThrow("deployment not found");
  });

  it("may have a network of a name that another twin uses", async () => {
    await lab.deploy(1, [network()]);
    const deployment = lab.deployment(2, [network({ wireguard_listen_port: 7000 })], { twin_id: 8 });
    expect(await lab.refusal("deploy", deployment, 8)).toBe("accepted");
  });
});

describe("an update at the door of a node", () => {
  let lab: NodeLab;
  beforeEach(async () => {
    lab = await NodeLab.create();
    await lab.deploy(1, [DISK, network(), zmachine("vm")]);
  });
  afterEach(() => lab.node.close());

  it("is refused when the node does not know the deployment", async () => {
    const deployment = lab.deployment(2, [DISK], { version: 1 });
    expect(await lab.refusal("update", deployment)).toBe("deployment not found: deployment does not exist");
  });

  it("asks for identity and signatures again", async () => {
    const deployment = lab.deployment(1, [DISK], { version: 1 });
    expect(await lab.refusal("update", { ...deployment, description: "changed" })).toBe("failed to verify signature");
    lab.verified.clear();
    expect(await lab.refusal("update", deployment)).toBe("user with twin id 7 is not verified");
  });

  it.each([
    ["a skipped version", 2, [DISK], "expecting deployment version 1, got 2"],
    ["another type under the same name", 1, [{ ...zmount("vm", GIB), version: 1 }], "cannot change workload type 'vm'"],
    [
      "a machine changed in place",
      1,
      [DISK, network(), zmachine("vm", { entrypoint: "/other" }, {}, 1)],
      "workload 'zmachine' does not support upgrade",
    ],
  ])("is refused as a whole for %s, and nothing changes", async (_what, version, workloads, detail) => {
    const text = await lab.refusal("update", lab.deployment(1, workloads, { version }));
    expect(text).toBe(`${detail}: upgrade validation error`);
    expect((await lab.get(1)).version).toBe(0);
  });

  it("replaces version, metadata, description and signatures at once, before its job runs", async () => {
    lab.clock.isFrozen = true;
    const rest = { version: 1, metadata: "m", description: "d" };
    const deployment = lab.deployment(1, [DISK, network(), zmachine("vm")], rest);
    await lab.send("update", deployment);
    expect(await lab.get(1)).toMatchObject({ ...rest, signature_requirement: deployment.signature_requirement });
  });
});
