import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { readOptions } from "../../scripts/contract/options";
import { requireChain, requireHttp } from "../../scripts/contract/reach";

const root = resolve(__dirname, "../..");

/** Runs the script to its end. */
async function contract(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CONTRACT_|MNEMONIC$)/.test(name)));
  const child = spawn(process.execPath, ["-r", "ts-node/register", "scripts/contract.ts", ...args], { cwd: root, env });
  const said = { out: "", err: "" };
  child.stdout.on("data", (part) => {
    said.out += part;
  });
  child.stderr.on("data", (part) => {
    said.err += part;
  });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, ...said };
}

describe("the options of the contract script", () => {
  test.each([
    [["--bogus"], /bogus/],
    [["--chain"], /argument missing/],
    [["ws://127.0.0.1:9944"], /positional/],
    [["--chain", "http://127.0.0.1:9944"], /^--chain takes ws:/],
    [["--directory", "ws://127.0.0.1:8080"], /^--directory takes http:/],
    [["--chain", "nonsense"], /^--chain takes ws:/],
    [["--relay", "ws://127.0.0.1:9102"], /^--relay needs --chain/],
    [["--relay", "ws://127.0.0.1:9102", "--directory", "http://127.0.0.1:8080"], /^--relay needs --chain/],
  ])("%j are refused", (args, words) => {
    expect(() => readOptions(args)).toThrow(words);
  });

  test("name services in any combination that can work", () => {
    expect(readOptions([])).toEqual({ urls: {}, mnemonic: undefined, wantsHelp: false });
    const urls = { chain: "wss://c", relay: "wss://r", directory: "https://d" };
    const args = Object.entries(urls).map(([part, url]) => `--${part}=${url}`);
    expect(readOptions([...args, "--mnemonic", "//Alice"])).toEqual({ urls, mnemonic: "//Alice", wantsHelp: false });
    expect(readOptions(["--directory", urls.directory]).urls).toEqual({ directory: urls.directory });
  });
});

describe("the contract script", () => {
  let server: Server;
  let isSilent = false;
  const url = (scheme: string) => `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeAll(async () => {
    server = createServer((_, response) => {
      if (!isSilent) response.end("{}");
    });
    // Whoever wants a websocket waits until it gives up.
    server.on("upgrade", (_, socket) =>
      socket
        .on("error", () => undefined)
        .once("end", () => socket.destroy())
        .resume(),
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  });
  afterAll(async () => {
    await new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    });
  });
  afterEach(() => {
    isSilent = false;
  });

  test("explains itself", async () => {
    const { code, out } = await contract("--help");
    expect(code).toBe(0);
    expect(out).toContain("npm run contract -- --chain ws://127.0.0.1:9944 --mnemonic //Alice");
  });

  test("says so, and ends, when a service cannot be reached", async () => {
    const gone = "ws://127.0.0.1:1";
    expect(await contract("--chain", gone)).toEqual({
      code: 2,
      out: "",
      err: expect.stringContaining("no chain answers at 127.0.0.1:1: connect ECONNREFUSED"),
    });
    isSilent = true;
    await expect(requireChain(url("ws"), 100)).rejects.toThrow(/^no chain answers at .*: no answer in 0.1 s$/);
    await expect(requireHttp("relay", url("ws"), 100)).rejects.toThrow(/^no relay answers at /);
    await expect(requireHttp("directory", url("http"), 100)).rejects.toThrow(/^no directory answers at /);
  });

  test("ends with the count, and with status 1 when something failed", async () => {
    const { code, out } = await contract("--directory", url("http"));
    expect(out).toMatch(/^0 passed, [1-9]\d* failed\n$/);
    expect(code).toBe(1);
  });

  test("ends with the count, and with status 0 when all is well; skipped is what cannot be done", async () => {
    const grid = await Devgrid.start();
    try {
      const { code, out, err } = await contract("--directory", `${grid.describe().directory}/`);
      expect(out).toMatch(/^[1-9]\d* passed, 0 failed\n$/);
      expect(err).toContain("agreement with the chain (skipped: no --chain was given)");
      expect(code).toBe(0);
    } finally {
      await grid.close();
    }
  });
});
