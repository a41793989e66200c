import "../support/setup";
import { Testing } from "cdktf";
import { GridStack, Placement, Size, ZdbPool, type ZdbPoolProps } from "../../lib";
import { later, rendered } from "../support/tokens";

const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });

function synthesised(props: Partial<ZdbPoolProps>) {
  const stack = gridStack();
  const pool = new ZdbPool(stack, "pool", { count: 2, size: Size.gib(10), ...props });
  const { resource } = JSON.parse(Testing.synth(stack));
  return { stack, pool, stores: resource.threefold_zdb, requests: resource.threefold_placement.placement.requests };
}

describe("ZdbPool", () => {
  it("synthesises a store for each number, kept apart from the others", () => {
    const { stores, requests } = synthesised({ mode: "seq", public: true, passwordVersion: 2 });
    const store = (index: number) => ({
      project: expect.anything(),
      name: `pool_${index}`,
      identity: `pool/${index}`,
      node_id: `\${threefold_placement.placement.nodes["pool/${index}"].node_id}`,
      size_gib: 10,
      mode: "seq",
      public: true,
      password_version: 2,
    });
    expect(Object.values(stores)).toEqual([store(0), store(1)]);
    const request = { hdd_gib: 10, features: ["zdb"], spread: "zdb-pool/shop/pool" };
    expect(requests).toEqual({ "pool/0": request, "pool/1": request });
  });

  it("keeps the stores it has, to the letter, when there are more", () => {
    expect(synthesised({ count: 3 }).stores).toMatchObject(synthesised({ count: 2 }).stores);
  });

  it("takes names and identities from what it is given", () => {
    const { stores } = synthesised({ name: "log", identity: "shop/log", count: 1 });
    expect(Object.values(stores)).toMatchObject([{ name: "log_0", identity: "shop/log/0" }]);
  });

  it("keeps to a placement, and to its spread when it has one", () => {
    const placement = Placement.where({ country: "Belgium" });
    expect(synthesised({ placement, count: 1 }).requests).toMatchObject({
      "pool/0": { country: "Belgium", spread: "zdb-pool/shop/pool" },
    });
    const { requests } = synthesised({ placement: placement.and(Placement.spread("all")), count: 1 });
    expect(requests).toMatchObject({ "pool/0": { country: "Belgium", spread: "all" } });
  });

  it("tells where its stores are", () => {
    const { stack, pool } = synthesised({});
    const [first] = pool.stores;
    expect(rendered(stack, pool.addresses)).toEqual(pool.stores.map(({ address }) => rendered(stack, address)));
    expect(rendered(stack, pool.namespaces)).toEqual(pool.stores.map(({ namespace }) => rendered(stack, namespace)));
    expect(rendered(stack, pool.contractIds[0])).toBe(rendered(stack, first?.contractId));
    expect(new Set(rendered(stack, pool.addresses) as string[]).size).toBe(2);
  });

  it.each<[string, Partial<ZdbPoolProps>, RegExp]>([
    ["no store", { count: 0 }, /count cannot be 0\.[\s\S]*from 1 to 256/],
    ["half a store", { count: 1.5 }, /count cannot be 1\.5/],
    ["more stores than there may be", { count: 257 }, /count cannot be 257/],
    ["a number that only Terraform knows", { count: later("n") }, /count is only known to Terraform/],
    ["a part of a GiB", { size: Size.mib(512) }, /size cannot be 0\.5 GiB/],
    ["one node for two", { placement: Placement.node(1) }, /placement names one node for 2 stores/],
    ["a name with a dash", { name: "my-pool" }, /does not allow the name "my-pool"/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => new ZdbPool(gridStack(), "pool", { count: 2, size: Size.gib(1), ...props })).toThrow(message);
  });
});
