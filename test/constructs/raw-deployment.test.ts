import "../support/setup";
import { Testing } from "cdktf";
import {
  deployment,
  GridStack,
  Placement,
  RawDeployment,
  type RawDeploymentProps,
  type RawWorkload,
  Secret,
  Size,
  Zdb,
} from "../../lib";
import { rendered } from "../support/tokens";

const GIB = 1024 ** 3;
const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
const volume: RawWorkload = { name: "data", type: "volume", data: { size: 3 * GIB } };

describe("RawDeployment", () => {
  it("writes its workloads as the grid has them, secrets as references, on a node that can run them", () => {
    const stack = gridStack();
    const db = { size: 1.5 * GIB, mode: "user", password: Secret.fromEnv("PW") };
    new RawDeployment(stack, "raw", { workloads: [volume, { name: "db", type: "zdb", data: db }] });
    const { resource } = JSON.parse(Testing.synth(stack));
    const { workloads, ...others } = resource.threefold_deployment.raw;
    expect(JSON.parse(workloads)).toEqual([
      volume,
      { name: "db", type: "zdb", data: { ...db, password: { $secret: "env:PW" } } },
    ]);
    expect(others).toEqual({
      project: expect.anything(),
      name: "raw",
      identity: "raw",
      node_id: "${threefold_placement.placement.nodes.raw.node_id}",
    });
    expect(resource.threefold_placement.placement.requests).toEqual({
      raw: { ssd_gib: 3, hdd_gib: 2, features: ["volume", "zdb"] },
    });
  });

  it("hands over every other property", () => {
    const stack = gridStack();
    new RawDeployment(stack, "raw", {
      workloads: [volume],
      metadata: "{}",
      description: "for the shop",
      placement: Placement.node(4),
      allowDataLoss: true,
      name: "shelf",
      identity: "shop/shelf",
    });
    expect(Testing.synth(stack)).toHaveResourceWithProperties(deployment.Deployment, {
      metadata: "{}",
      description: "for the shop",
      allow_data_loss: true,
      name: "shelf",
      identity: "shop/shelf",
    });
  });

  it("leaves it to Terraform to write what only Terraform knows", () => {
    const stack = gridStack();
    const db = new Zdb(stack, "db", { size: Size.gib(1) });
    const data = { size: 1 * GIB, mode: "seq", password: db.password };
    new RawDeployment(stack, "raw", { workloads: [{ name: "twin", type: "zdb", data, description: db.namespace }] });
    const { resource } = JSON.parse(Testing.synth(stack));
    expect(resource.threefold_deployment.raw.workloads).toMatch(/^\$\{jsonencode\(\[\{"name" = "twin"/);
    expect(resource.threefold_deployment.raw.workloads).toContain('"$secret" = threefold_zdb.db.password');
    expect(resource.threefold_placement.placement.requests.raw).toEqual({ features: ["zdb"] });
  });

  it("offers what the node says of a workload", () => {
    const stack = gridStack();
    const raw = new RawDeployment(stack, "raw", { workloads: [volume] });
    expect(rendered(stack, raw.result("data", "id"))).toBe(
      '${jsondecode(threefold_deployment.raw.results["data"]).id}',
    );
  });

  it.each<[string, readonly RawWorkload[], RegExp]>([
    ["an unknown type", [{ ...volume, type: "zvolume" }], /workloads\[0\]\.type cannot be "zvolume"/],
    ["a size of 0", [{ ...volume, data: { size: 0 } }], /workloads\[0\] would be refused/],
    ["a misspelt field", [{ ...volume, data: { size: 1, sise: 1 } }], /workloads\[0\]\.data\.sise is not known/],
    ["two of one name", [volume, volume], /workloads\[1\]\.name is also the name of workloads\[0\]/],
    ["no workloads", [], /workloads is an empty list/],
    ["a bare password", [{ name: "db", type: "zdb", data: { password: "x" } }], /data\.password is a secret/],
  ])("refuses %s at synth", (_title, workloads, message) => {
    expect(() => new RawDeployment(gridStack(), "raw", { workloads })).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ["list of workloads", { workloads: volume }, /workloads is an object[\s\S]*a list/],
    ["workload", { workloads: [null] }, /workloads\[0\] is null[\s\S]*an object/],
    ["data of a workload", { workloads: [{ ...volume, data: "3 GiB" }] }, /workloads\[0\]\.data is a text/],
    ["placement", { workloads: [volume], placement: {} }, /placement is an object[\s\S]*a Placement/],
  ])("refuses what is no %s", (_title, props, message) => {
    expect(() => new RawDeployment(gridStack(), "raw", props as RawDeploymentProps)).toThrow(message);
  });

  it("tells which workloads and which name are wrong at once, and that there are no properties at all", () => {
    const make = (props: unknown) => () => new RawDeployment(gridStack(), "raw", props as RawDeploymentProps);
    expect(make({ workloads: [], name: "my-raw" })).toThrow(/2 values[\s\S]*"my-raw"[\s\S]*empty list/);
    expect(make(undefined)).toThrow(/props is undefined/);
  });

  it("is imported by the number of its contract", () => {
    const stack = gridStack();
    new RawDeployment(stack, "raw", { workloads: [volume] }).importFrom("18");
    expect(JSON.parse(Testing.synth(stack)).import).toEqual([{ id: "18", to: "threefold_deployment.raw" }]);
  });
});
