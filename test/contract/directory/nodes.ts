import { eventually } from "../eventually";
import type { DirectoryGround, Query } from "./directory-ground";
import { freeOf, type NodeItem } from "./items";

const GIB = 1024 ** 3;

/** Nodes report while the tests run. */
const CALM_MS = 5_000;

/** What a node's own page says beside its resources. */
interface NodePage extends Omit<NodeItem, "total_resources" | "used_resources"> {
  readonly capacity: Pick<NodeItem, "total_resources" | "used_resources">;
}

/** What is said of a node, in lists and alone. */
export function nodes(ground: () => DirectoryGround): void {
  const someNode = async (query: Query = {}) => {
    const [node] = await ground().nodes(query);
    if (!node) throw new Error(`the directory lists no node ${JSON.stringify(query)}`);
    return node;
  };

  describe("nodes", () => {
    test("are listed with everything placement looks at", async () => {
      const capacity = {
        cru: expect.any(Number),
        mru: expect.any(Number),
        sru: expect.any(Number),
        hru: expect.any(Number),
      };
      for (const node of await ground().nodes({ status: "up" })) {
        expect(node).toMatchObject({
          nodeId: expect.any(Number),
          farmId: expect.any(Number),
          farmName: expect.any(String),
          twinId: expect.any(Number),
          country: expect.any(String),
          city: expect.any(String),
          total_resources: capacity,
          used_resources: capacity,
          publicConfig: { domain: expect.any(String), ipv4: expect.any(String), ipv6: expect.any(String) },
          status: "up",
          certificationType: expect.stringMatching(/^(Diy|Certified)$/),
          inDedicatedFarm: expect.any(Boolean),
          rentContractId: expect.any(Number),
          rentedByTwinId: expect.any(Number),
          extraFee: expect.any(Number),
          num_gpu: expect.any(Number),
          farm_free_ips: expect.any(Number),
        });
        expect(Array.isArray(node.features)).toBe(true);
        expect(node.publicConfig.ipv4).toMatch(/^$|^\d+\.\d+\.\d+\.\d+\/\d+$/);
      }
    });

    test("have a share of the system taken off what is free", async () => {
      for (const node of await ground().nodes()) {
        const { total_resources: total, used_resources: used } = node;
        expect(used.sru).toBeGreaterThanOrEqual(20 * GIB);
        expect(used.mru).toBeGreaterThanOrEqual(Math.floor(Math.max(total.mru / 10, 2 * GIB)));
        expect(freeOf(node, "mru")).toBeLessThan(total.mru);
      }
    });

    test("are rented exactly when they have a renter and a contract for it", async () => {
      for (const { rented, rentContractId, rentedByTwinId } of await ground().nodes()) {
        expect([rentContractId > 0, rentedByTwinId > 0]).toEqual([rented, rented]);
      }
    });

    test("say the same alone as in the list, with their resources one level deeper", async () => {
      await eventually(async () => {
        const listed = await someNode();
        const page = await ground().ask<NodePage>(`/nodes/${listed.nodeId}`);
        const { capacity, ...rest } = page;
        expect(rest).not.toHaveProperty("total_resources");
        expect({ ...rest, ...capacity }).toEqual(listed);
        expect(await ground().ask(`/nodes/${listed.nodeId}/status`)).toEqual({ status: listed.status });
      }, CALM_MS);
    });

    test("are gateways when they have a domain, under an address of their own as well", async () => {
      const hidden = await someNode({ domain: false });
      expect(await ground().get(`/gateways/${hidden.nodeId}`)).toMatchObject({
        status: 404,
        json: { error: "gateway not found" },
      });
      for (const gateway of (await ground().nodes({ domain: true })).slice(0, 3)) {
        const listed = await ground().ask<NodeItem[]>("/gateways", { node_id: gateway.nodeId });
        expect(listed.map(({ nodeId }) => nodeId)).toEqual([gateway.nodeId]);
        expect(await ground().ask(`/gateways/${gateway.nodeId}`)).toMatchObject({
          nodeId: gateway.nodeId,
          publicConfig: gateway.publicConfig,
          capacity: { total_resources: gateway.total_resources },
        });
      }
    });

    test("are the same to the client under test", async () => {
      await eventually(async () => {
        const one = await someNode();
        const read = await ground().client.listNodes({ farm_ids: one.farmId });
        const expected = await ground().nodes({ farm_ids: one.farmId });
        expect(read.map(({ nodeId }) => nodeId)).toEqual(expected.map(({ nodeId }) => nodeId));
        expect(read[0]).toMatchObject({
          nodeId: one.nodeId,
          farmId: one.farmId,
          twinId: one.twinId,
          total: one.total_resources,
          used: one.used_resources,
          features: one.features,
          status: one.status,
        });
        expect(await ground().client.getNode(one.nodeId)).toEqual({ ...read[0], region: undefined });
      }, CALM_MS);
    });

    test("that do not exist are undefined to the client under test, and a wrong question is an error", async () => {
      expect(await ground().client.getNode(2_147_483_647)).toBeUndefined();
      await expect(ground().client.listNodes({ colour: "red" })).rejects.toMatchObject({
        code: "TFG_DIRECTORY_REFUSED",
      });
    });
  });
}

/** What a node tells when the directory asks it. */
export function liveNodes(ground: () => DirectoryGround): void {
  test("say what runs on them", async () => {
    const [node] = await ground().nodes({ status: "up" });
    const use = { cru: expect.any(Number), mru: expect.any(Number), sru: expect.any(Number), hru: expect.any(Number) };
    expect(await ground().ask(`/nodes/${node?.nodeId}/statistics`)).toMatchObject({
      total: use,
      used: use,
      system: use,
      users: { deployments: expect.any(Number), workloads: expect.any(Number) },
    });
  });
}
