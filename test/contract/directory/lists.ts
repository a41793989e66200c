import { eventually } from "../eventually";
import type { DirectoryGround, Query } from "./directory-ground";
import { type ContractItem, type FarmItem, idsOf, type NodeItem } from "./items";

/** Others use the grid while the tests run. */
const CALM_MS = 5_000;

/** The lists beside the one of nodes. */
export function lists(ground: () => DirectoryGround): void {
  describe("farms", () => {
    const farms = (query: Query = {}) => ground().list<FarmItem>("/farms", query);
    const freeIps = ({ publicIps }: FarmItem) => publicIps.filter(({ contract_id }) => contract_id === 0).length;

    test("are listed with their public addresses", async () => {
      for (const farm of await farms({ total_ips: 1 })) {
        expect(farm).toMatchObject({
          farmId: expect.any(Number),
          name: expect.any(String),
          twinId: expect.any(Number),
          dedicated: expect.any(Boolean),
          certificationType: expect.stringMatching(/^(NotCertified|Gold)$/),
        });
        expect(farm.publicIps[0]).toMatchObject({
          ip: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+\/\d+$/),
          gateway: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
          contract_id: expect.any(Number),
        });
      }
    });

    test.each<[string, (some: FarmItem) => Query, (some: FarmItem) => (farm: FarmItem) => boolean]>([
      ["farm_id", ({ farmId }) => ({ farm_id: farmId }), (some) => (farm) => farm.farmId === some.farmId],
      [
        "name, ignoring case",
        ({ name }) => ({ name: name.toUpperCase() }),
        (some) => (farm) => farm.name.toLowerCase() === some.name.toLowerCase(),
      ],
      ["twin_id", ({ twinId }) => ({ twin_id: twinId }), (some) => (farm) => farm.twinId === some.twinId],
      ["free_ips", (some) => ({ free_ips: freeIps(some) }), (some) => (farm) => freeIps(farm) >= freeIps(some)],
      [
        "total_ips",
        ({ publicIps }) => ({ total_ips: publicIps.length }),
        (some) => (farm) => farm.publicIps.length >= some.publicIps.length,
      ],
      ["dedicated=true", () => ({ dedicated: true }), () => (farm) => farm.dedicated],
    ])("are found by %s", async (_, query, keeps) => {
      await eventually(async () => {
        const all = await farms();
        const some = all.find(({ publicIps }) => publicIps.length > 0) ?? all[0];
        if (!some) throw new Error("the directory lists no farm");
        expect(idsOf(await farms(query(some)))).toEqual(idsOf(all.filter(keeps(some))));
      }, CALM_MS);
    });

    test("are found by what one and the same of their nodes fulfils", async () => {
      await eventually(async () => {
        for (const features of ["", "gateway-name-proxy"]) {
          const nodes = await ground().list<NodeItem>("/nodes", { status: "up", features });
          const expected = new Set(nodes.map(({ farmId }) => farmId));
          const found = await farms({ node_status: "up", node_features: features });
          expect(idsOf(found)).toEqual([...expected].sort((one, other) => one - other));
        }
      }, CALM_MS);
    });
  });

  describe("public addresses", () => {
    test("are those of the farms", async () => {
      const [farm] = await ground().list<FarmItem>("/farms", { total_ips: 1 });
      await eventually(async () => {
        const query = { farm_ids: farm?.farmId ?? 0 };
        const [again] = await ground().ask<FarmItem[]>("/farms", { farm_id: farm?.farmId ?? 0 });
        const rows = await ground().list<FarmItem["publicIps"][number]>("/public_ips", query);
        const { publicIps } = again ?? { publicIps: [] };
        expect(rows.map(({ ip }) => ip).sort()).toEqual(publicIps.map(({ ip }) => ip).sort());
        const free = await ground().count("/public_ips", { ...query, free: true });
        expect(free).toBe(publicIps.filter(({ contract_id }) => contract_id === 0).length);
      }, CALM_MS);
    });
  });

  describe("twins", () => {
    test("are found by number and by account", async () => {
      const [some] = await ground().ask<Record<string, unknown>[]>("/twins", { size: 1 });
      expect(some).toMatchObject({
        twinId: expect.any(Number),
        accountId: expect.stringMatching(/^5[1-9A-HJ-NP-Za-km-z]{47}$/),
        relay: expect.any(String),
        publicKey: expect.any(String),
      });
      expect(await ground().ask("/twins", { twin_id: Number(some?.twinId) })).toEqual([some]);
      expect(await ground().ask("/twins", { account_id: String(some?.accountId) })).toEqual([some]);
    });
  });

  describe("contracts", () => {
    test("are found by twin, kind and state, and each has one of each", async () => {
      const [newest] = await ground().ask<ContractItem[]>("/contracts", {
        size: 1,
        sort_by: "contract_id",
        sort_order: "desc",
      });
      await eventually(async () => {
        const twin_id = newest?.twin_id ?? 1;
        const all = await ground().list<ContractItem>("/contracts", { twin_id });
        expect(all.every((contract) => contract.twin_id === twin_id)).toBe(true);
        // Nobody may have made one yet.
        expect(idsOf(all)).toEqual(expect.arrayContaining(newest ? [newest.contract_id] : []));
        for (const state of ["Created", "GracePeriod", "Deleted", "Created,GracePeriod", "deleted"]) {
          const found = await ground().list<ContractItem>("/contracts", { twin_id, state });
          const states = state.toLowerCase().split(",");
          const expected = all.filter((contract) => states.includes(contract.state.toLowerCase()));
          expect(idsOf(found)).toEqual(idsOf(expected));
        }
        for (const type of ["node", "name", "rent"]) {
          const found = await ground().list<ContractItem>("/contracts", { twin_id, type });
          expect(idsOf(found)).toEqual(idsOf(all.filter((contract) => contract.type === type)));
        }
      }, CALM_MS);
    });
  });

  describe("the statistics", () => {
    test("count what is listed", async () => {
      await eventually(async () => {
        const stats = await ground().ask<Record<string, unknown>>("/stats", { status: "up" });
        const up = await ground().list<NodeItem>("/nodes", { status: "up" });
        const countries = new Set(up.map(({ country }) => country));
        expect(stats).toMatchObject({
          nodes: up.length,
          farms: await ground().count("/farms"),
          twins: await ground().count("/twins"),
          countries: countries.size,
          totalCru: up.reduce((sum, { total_resources }) => sum + total_resources.cru, 0),
        });
        const { nodesDistribution } = stats as { nodesDistribution: Record<string, number> };
        expect(Object.keys(nodesDistribution).sort()).toEqual([...countries].sort());
      }, CALM_MS);
    });
  });
}
