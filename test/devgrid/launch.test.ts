import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "../../lib/core/backoff";
import { systemClock } from "../../lib/core/clock";
import { findOrStart } from "../../lib/devgrid/launch";
import { StateLock } from "../../lib/devgrid/state-lock";

let folder: string;
const stateFile = () => join(folder, "state.json");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "devgrid-launch-"));
});

const processes = () => execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });

/** Ends a devgrid that was started, by the id in its lock, and waits until nothing runs on its state. */
afterEach(async () => {
  const pid = StateLock.holder(stateFile())?.pid;
  if (pid !== undefined) process.kill(pid, "SIGTERM");
  const onTimeout = () => new Error("the devgrid does not end");
  await poll({ clock: systemClock, firstMs: 20, maxMs: 200, deadlineMs: 60_000, onTimeout }, async () =>
    processes().includes(stateFile()) ? undefined : true,
  );
  rmSync(folder, { recursive: true, force: true });
});

test("those who ask at the same time and later get one and the same grid", async () => {
  const options = { folder, idleMinutes: 5, blockTime: "instant" };
  const [first, second] = await Promise.all([findOrStart(options), findOrStart(options)]);
  expect(second.endpoints).toEqual(first.endpoints);
  expect(await findOrStart(options)).toEqual(first);
  const answer = await fetch(`${first.endpoints.directory[0]}/ping`);
  expect(await answer.json()).toEqual({ ping: "pong" });
  expect(first.mnemonic.reveal().split(" ")).toHaveLength(12);
  expect(JSON.stringify(first)).not.toContain(first.mnemonic.reveal());
});

test("one that cannot start is an error with its own words", async () => {
  writeFileSync(stateFile(), "broken");
  await expect(findOrStart({ folder })).rejects.toMatchObject({
    code: "TFG_DEVGRID_START",
    facts: { "it said": expect.stringContaining("TFG_DEVGRID_STATE") },
  });
});

describe("a directory that cannot be used", () => {
  const given = process.env.THREEFOLD_DEVGRID_HOME;
  afterEach(() => {
    if (given === undefined) delete process.env.THREEFOLD_DEVGRID_HOME;
    else process.env.THREEFOLD_DEVGRID_HOME = given;
  });

  test.each<[string, () => string, RegExp]>([
    ["a file", () => stateFile(), /EEXIST/],
    ["below a file", () => join(stateFile(), "grid"), /ENOTDIR/],
    ["relative", () => "grid", /relative path/],
  ])("is told of at once: %s", async (_title, path, reason) => {
    writeFileSync(stateFile(), "");
    process.env.THREEFOLD_DEVGRID_HOME = path();
    await expect(findOrStart()).rejects.toMatchObject({
      code: "TFG_DEVGRID_HOME",
      facts: { directory: path(), reason: expect.stringMatching(reason) },
      remedy: expect.stringContaining("THREEFOLD_DEVGRID_HOME"),
    });
  });
});
