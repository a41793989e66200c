import "../support/setup";
import { Testing } from "cdktf";
import { GridStack, Placement, Size, Zdb, type ZdbProps, zdb } from "../../lib";
import { rendered } from "../support/tokens";

const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });

describe("Zdb", () => {
  it("synthesises exactly what was asked for, on a node with room on hard disks", () => {
    const stack = gridStack();
    new Zdb(stack, "db", { size: Size.gib(10) });
    const { resource } = JSON.parse(Testing.synth(stack));
    expect(resource.threefold_zdb).toEqual({
      db: {
        project: expect.anything(),
        name: "db",
        identity: "db",
        node_id: "${threefold_placement.placement.nodes.db.node_id}",
        size_gib: 10,
      },
    });
    expect(resource.threefold_placement.placement.requests).toEqual({ db: { hdd_gib: 10, features: ["zdb"] } });
  });

  it("hands over every property in the provider's words", () => {
    const stack = gridStack();
    new Zdb(stack, "db", {
      size: Size.tib(1),
      mode: "seq",
      public: true,
      passwordVersion: 2,
      allowDataLoss: true,
      name: "log",
      identity: "shop/log",
      placement: Placement.where({ farmId: 1 }),
    });
    expect(Testing.synth(stack)).toHaveResourceWithProperties(zdb.Zdb, {
      size_gib: 1024,
      mode: "seq",
      public: true,
      password_version: 2,
      allow_data_loss: true,
      name: "log",
      identity: "shop/log",
    });
  });

  it("offers what a machine needs to reach it, the password as a reference only", () => {
    const stack = gridStack();
    const { env, secretEnv } = new Zdb(stack, "db", { size: Size.gib(1) }).connection("STORE");
    expect(rendered(stack, env)).toEqual({
      STORE_HOST:
        "${coalesce(threefold_zdb.db.mycelium_ip, threefold_zdb.db.public_ipv6, threefold_zdb.db.planetary_ip)}",
      STORE_PORT: "${threefold_zdb.db.port}",
      STORE_NAMESPACE: "${threefold_zdb.db.namespace}",
    });
    expect(rendered(stack, secretEnv.STORE_PASSWORD?.reference)).toBe("${threefold_zdb.db.password}");
  });

  it.each<[string, Partial<ZdbProps>, RegExp]>([
    ["a part of a GiB", { size: Size.mib(1500) }, /size cannot be 1\.46.*\n[\s\S]*from 1 to 10240 GiB/],
    ["a password version below 1", { passwordVersion: 0 }, /passwordVersion cannot be 0/],
    ["a name with a dash", { name: "my-db" }, /does not allow the name "my-db"/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => new Zdb(gridStack(), "db", { size: Size.gib(1), ...props })).toThrow(message);
  });

  it("is imported by the number of its contract", () => {
    const stack = gridStack();
    new Zdb(stack, "db", { size: Size.gib(1) }).importFrom("18");
    expect(JSON.parse(Testing.synth(stack)).import).toEqual([{ id: "18", to: "threefold_zdb.db" }]);
  });
});
