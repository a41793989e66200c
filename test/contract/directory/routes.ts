import type { DirectoryGround, Query } from "./directory-ground";
import type { NodeItem } from "./items";

/** A number that no node or contract has: the largest a database column of that kind holds. */
export const NOBODY = 2_147_483_647;

/** Which questions there are, and how answers look whatever was asked. */
export function routes(ground: () => DirectoryGround): void {
  describe("routes", () => {
    test("say that the directory is there, and which one", async () => {
      expect(await ground().ask("/ping")).toEqual({ ping: "pong" });
      expect(await ground().ask("/version")).toEqual({ version: expect.stringMatching(/^v/) });
      expect((await ground().get("/")).status).toBe(200);
    });

    test.each(["/nodes", "/gateways", "/farms", "/twins", "/contracts", "/public_ips", "/stats", "/health"])(
      "%s answers JSON that any web page may read, ended by a newline",
      async (path) => {
        const { status, headers, text, json } = await ground().get(
          path,
          path === "/stats" || path === "/health" ? {} : { size: 2 },
        );
        if (path !== "/health") expect(status).toBe(200);
        expect(headers.get("content-type")).toMatch(/^application\/json/);
        expect(headers.get("access-control-allow-origin")).toBe("*");
        expect(text.endsWith("\n")).toBe(true);
        expect(json).toBeDefined();
      },
    );

    test.each(["/nodes/x", "/farms/1", "/twins/1", "/no-such-thing"])("there is no %s", async (path) => {
      expect((await ground().get(path)).status).toBe(404);
    });

    test.each([
      [`/nodes/${NOBODY}`, 404, "node not found"],
      [`/nodes/${NOBODY}/gpu`, 404, "node not found"],
      [`/nodes/${NOBODY}/statistics`, 404, "node not found"],
      // The real directory is not of one mind.
      [`/nodes/${NOBODY}/status`, 500, "node not found"],
      [`/contracts/${NOBODY}`, 500, "contract not found"],
    ])("%s says %i and why", async (path, status, error) => {
      const answer = await ground().get(path);
      expect(answer).toMatchObject({ status, json: { error } });
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    });
  });

  describe("queries", () => {
    const unknown = (name: string) => `failed to decode params: schema: invalid path "${name}"`;

    test.each<[string, Query, number, unknown]>([
      ["/nodes", { farm_id: 1 }, 400, unknown("farm_id")],
      ["/nodes", { colour: "red" }, 400, unknown("colour")],
      ["/gateways", { colour: "red" }, 400, unknown("colour")],
      ["/farms", { version: 3 }, 400, unknown("version")],
      ["/twins", { node_id: 1 }, 400, unknown("node_id")],
      ["/contracts", { status: "up" }, 400, unknown("status")],
      ["/nodes", { features: "zmount,teleport" }, 400, "teleport is not a valid node feature"],
      ["/farms", { node_features: "teleport" }, 400, "teleport is not a valid node feature"],
      ["/nodes", { sort_by: "colour" }, 400, '"colour" is not a sort field for Node type'],
      ["/nodes", { sort_by: "node_id", sort_order: "up" }, 400, '"up" is not a valid sort order'],
      ["/nodes", { free_mru: "much" }, 400, expect.any(String)],
      ["/nodes", { free_mru: -1 }, 400, expect.any(String)],
      ["/nodes", { farm_ids: "1,x" }, 400, expect.any(String)],
      ["/nodes", { healthy: "perhaps" }, 400, expect.any(String)],
      ["/nodes", { page: "first" }, 400, expect.any(String)],
      ["/nodes", { status: "asleep" }, 500, expect.any(String)],
    ])("%s refuses %j", async (path, query, status, error) => {
      expect(await ground().get(path, query)).toMatchObject({ status, json: { error } });
    });

    test("a parameter without a value is as good as absent", async () => {
      const { status, headers } = await ground().get("/nodes?status=&features=&free_mru=&size=1&ret_count=true");
      expect(status).toBe(200);
      expect(Number(headers.get("count"))).toBe(await ground().count("/nodes"));
      expect((await ground().get("/farms?node_available_for=1&node_status=up&node_features=")).status).toBe(200);
    });

    test("booleans may be written in several ways", async () => {
      for (const [yes, no] of [
        ["true", "false"],
        ["1", "0"],
        ["t", "f"],
      ]) {
        const ask = (value = "") => ground().count("/nodes", { ipv4: value });
        expect((await ask(yes)) + (await ask(no))).toBe(await ground().count("/nodes"));
      }
    });
  });

  describe("pages", () => {
    test("hold what was asked for, in order, and each row once", async () => {
      const size = 3;
      const pages = await Promise.all(
        [1, 2].map((page) => ground().ask<NodeItem[]>("/nodes", { page, size, sort_by: "node_id" })),
      );
      const both = await ground().ask<NodeItem[]>("/nodes", { size: 2 * size, sort_by: "node_id" });
      expect(pages.flat().map(({ nodeId }) => nodeId)).toEqual(both.map(({ nodeId }) => nodeId));
      expect(pages[0]).toHaveLength(Math.min(size, both.length));
    });

    test("tell how many rows there are when asked to", async () => {
      const { headers } = await ground().get("/nodes", { size: 2, ret_count: true });
      const count = Number(headers.get("count"));
      expect(count).toBe((await ground().list("/nodes")).length);
      expect(headers.get("size")).toBe("2");
      expect(headers.get("pages")).toBe(String(Math.ceil(count / 2)));
      expect((await ground().get("/nodes", { size: 2 })).headers.get("count")).toBeNull();
    });

    test.each(["/nodes", "/farms", "/twins", "/contracts", "/public_ips"])(
      "of %s end in an empty list",
      async (path) => {
        expect(await ground().ask(path, { page: 1_000_000, size: 10 })).toEqual([]);
      },
    );
  });
}
