import { parseDevgridOptions } from "../../lib/cli/devgrid-options";
import { runThreefold } from "../../lib/cli/threefold";

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await runThreefold(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stop: new AbortController().signal,
    handSignals: () => undefined,
  });
  return { code, out, err };
}

describe("threefold", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j lists the commands", async (args) => {
    const { code, out } = await run(...args);
    expect(code).toBe(0);
    expect(out).toContain("Usage: threefold <command>");
    expect(out).toMatch(/^ {2}devgrid +run the whole grid on this machine/m);
  });

  test.each(["--version", "-V"])("%s tells the version of the package", async (arg) => {
    const { code, out } = await run(arg);
    expect([code, out]).toEqual([0, expect.stringMatching(/^threefold \d+\.\d+\.\d+/)]);
  });

  test("a command's help shows usage and examples", async () => {
    const { code, out } = await run("devgrid", "--help");
    expect(code).toBe(0);
    expect(out).toContain("Usage: threefold devgrid [options]");
    expect(out).toContain("Examples:");
  });

  test.each([
    ["devgird", 'unknown command "devgird". Did you mean "devgrid"?'],
    ["toString", 'unknown command "toString".\n'],
    ["--json", 'unknown option "--json"'],
  ])("%s is refused with exit code 2", async (arg, message) => {
    const { code, out, err } = await run(arg);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  test.each([
    [["--block-time", "soon"], '--block-time is "soon"; allowed: a number from 0.05 to 3600, or "instant".'],
    [["--block-time", "0"], '--block-time is "0"'],
    [["--chain-port", "70000"], '--chain-port is "70000"; allowed: a whole number from 0 to 65535.'],
    [["--relay-port=1.5"], '--relay-port is "1.5"'],
    [["--idle-exit", ""], '--idle-exit is ""'],
    [["--state", ""], '--state is ""; allowed: the path of a file.'],
    [["--speed", "9"], "Unknown option '--speed'"],
    [["now"], "Unexpected argument 'now'"],
  ])("devgrid %j is refused before anything starts", async (args, message) => {
    const { code, out, err } = await run("devgrid", ...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect(err).toContain("Run threefold devgrid --help for usage.");
  });
});

describe("options of devgrid", () => {
  test("default to 6 s blocks, free ports, no state and no end", () => {
    expect(parseDevgridOptions([])).toEqual({
      isJson: false,
      stateFile: undefined,
      blockMs: 6_000,
      ports: {},
      idleExitMs: undefined,
    });
  });

  test("are read", () => {
    const args = "--json --state grid.json --block-time instant --chain-port 9944 --control-port=0 --idle-exit 1.5";
    expect(parseDevgridOptions(args.split(" "))).toEqual({
      isJson: true,
      stateFile: "grid.json",
      blockMs: "instant",
      ports: { chain: 9944, control: 0 },
      idleExitMs: 90_000,
    });
  });
});
