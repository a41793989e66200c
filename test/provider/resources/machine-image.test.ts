import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpImageHub } from "../../../lib/grid/hub/http-image-hub";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, machine, PROJECT, stack } from "../../support/grid-stack";

const CONTENT = "an flist";
const MD5 = createHash("md5").update(CONTENT).digest("hex");
const OTHER = "0".repeat(32);

/** What the hub answers, by path; anything else is not there. */
const FILES: Readonly<Record<string, string>> = {
  "/me.3bot/app.flist": CONTENT,
  "/me.3bot/app.flist.md5": `${MD5}\n`,
  "/me.3bot/bare.flist": CONTENT,
};

/** A file whose transfer breaks off in the middle. */
const BROKEN = "/me.3bot/broken.flist";

let hub: Server;
let project: GridProject;

beforeAll(async () => {
  hub = createServer((request, response) => {
    if (request.url === BROKEN && request.method === "GET") {
      response.writeHead(200, { "content-length": "1000" }).write("an", () => response.destroy());
      return;
    }
    const body = FILES[request.url ?? ""];
    response.writeHead(body === undefined && request.url !== BROKEN ? 404 : 200).end(body);
  }).listen(0, "127.0.0.1");
  await once(hub, "listening");
  project = await startGridProject({ images: new HttpImageHub() });
});
afterAll(async () => {
  hub?.close();
  await project?.close();
});

const address = (file: string) => `http://127.0.0.1:${(hub.address() as AddressInfo).port}/me.3bot/${file}`;

const write = (change: Block) =>
  project.write(stack(PROJECT, { threefold_virtual_machine: { web: machine(1, change) } }));

/** What the plan warned of, and what the apply was refused for. */
async function refused(): Promise<readonly string[]> {
  const { diagnostics: warned } = await project.terraform.plan();
  const { diagnostics: said } = await project.terraform.fail("apply");
  return [warned, said].map((list) => list.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n"));
}

describe("the image of a machine", () => {
  test("is refused when it is not there, before anything is paid, and the plan warns", async () => {
    write({ flist: address("gone.flist") });
    for (const text of await refused()) {
      expect(text).toContain("There is no image at the address");
      expect(text).toContain(address("gone.flist"));
      expect(text).toContain("[TFG_IMAGE]");
    }
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test.each([
    ["the sum that its hub publishes", "app.flist"],
    ["its own sum", "bare.flist"],
  ])("is refused when it is another: by %s", async (_, file) => {
    write({ flist: address(file), flist_md5: OTHER });
    for (const text of await refused()) {
      expect(text).toContain("is not the one that flist_md5 tells");
      expect(text).toContain(MD5);
    }
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test.each([
    ["its hub does not answer", () => "http://127.0.0.1:9/app.flist"],
    ["its hub breaks off in the middle of it", () => address("broken.flist")],
  ])("is refused when it cannot be verified: %s", async (_, url) => {
    write({ flist: url(), flist_md5: MD5 });
    for (const text of await refused()) {
      expect(text).toContain("could not be verified");
      expect(text).not.toContain("TFG_PROVIDER_DEFECT");
    }
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test("is taken when the hub does not answer and nobody asked for a sum", async () => {
    write({ flist: "http://127.0.0.1:9/app.flist" });
    await project.terraform.apply();
    expect(await project.terraform.attributes("threefold_virtual_machine.web")).toMatchObject({ status: "ok" });
  });

  test("is taken when it is the one that was meant; a change of the sum alone sends nothing", async () => {
    write({ flist: address("app.flist"), flist_md5: MD5 });
    await project.terraform.apply();
    expect(await project.terraform.attributes("threefold_virtual_machine.web")).toMatchObject({ status: "ok" });
    expect((await project.terraform.plan()).changes).toEqual([]);
    const before = project.grid.stats().nodes;
    write({ flist: address("app.flist") });
    await project.terraform.apply();
    const writes = (stats: typeof before) => Object.values(stats).reduce((sum, each) => sum + each.writes, 0);
    expect(writes(project.grid.stats().nodes)).toBe(writes(before));
    expect((await project.terraform.plan()).changes).toEqual([]);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
