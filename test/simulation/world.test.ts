/** What a simulated world owes to its seed. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { World } from "../support/simulation/world";

let world: World;

beforeEach(() => {
  world = World.install();
});
afterEach(() => world.uninstall());

/** Opens a server that says hello, and gives its address and what closes it. */
async function open() {
  const server = http.createServer((_, response) => response.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    await once(server, "close");
  };
  return { port, close };
}

async function read(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}`)).text();
}

test("an address is not given again, also after a new beginning: programs remember whom they met there", async () => {
  const ports: number[] = [];
  for (let begun = 0; begun < 3; begun++) {
    world.restart(1);
    await world.run(async () => {
      const server = await open();
      ports.push(server.port);
      expect(await read(server.port)).toBe("hello");
      await server.close();
    });
  }
  const [first = 0] = ports;
  expect(ports).toEqual([first, first + 1, first + 2]);
});

test("who no longer listens is not reached, whatever the machine runs there", async () => {
  await world.run(async () => {
    const { port, close } = await open();
    await close();
    await expect(read(port)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });
});
