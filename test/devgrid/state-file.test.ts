import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../lib/core/log";
import { readStateFile, StateFile } from "../../lib/devgrid/state-file";
import { StateLock } from "../../lib/devgrid/state-lock";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "devgrid-state-"));
  path = join(folder, "state.json");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (snapshot: () => unknown) => new StateFile({ path, snapshot, log: silentLog });

describe("a state file", () => {
  test("is absent before the first write and holds the last state after close, readable by its owner only", async () => {
    let contracts = 0;
    const file = open(() => ({ contracts }));
    expect(readStateFile(path)).toBeUndefined();
    contracts = 3;
    file.touch();
    await file.close();
    expect(readStateFile(path)).toEqual({ contracts: 3 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    file.touch();
    await file.close();
  });

  test("writes that overlap come out in order, and leave no temporary file", async () => {
    let version = 0;
    const file = open(() => ({ version: ++version }));
    await Promise.all([file.flush(), file.flush(), file.flush()]);
    expect(readStateFile(path)).toEqual({ version: 3 });
    await file.close();
    expect(existsSync(`${path}.tmp`)).toBe(false);
  });

  test("keeps the former state when a snapshot fails, and writes the next one", async () => {
    let isBroken = false;
    const file = open(() => {
      if (isBroken) throw new Error("half way through a block");
      return { ok: true };
    });
    await file.flush();
    isBroken = true;
    await expect(file.flush()).rejects.toThrow("half way through a block");
    expect(readStateFile(path)).toEqual({ ok: true });
    isBroken = false;
    await file.close();
  });

  test("that is broken is refused and left as it is", () => {
    writeFileSync(path, '{"format":1,"chain"');
    expect(() => readStateFile(path)).toThrow(
      expect.objectContaining({ code: "TFG_DEVGRID_STATE", facts: { file: path, reason: "it is no JSON" } }),
    );
    expect(readFileSync(path, "utf8")).toBe('{"format":1,"chain"');
  });
});

describe("the lock of a state file", () => {
  test("keeps a second devgrid out, in this process as in another", () => {
    const lock = StateLock.take(path);
    expect(() => StateLock.take(path)).toThrow(expect.objectContaining({ code: "TFG_DEVGRID_BUSY" }));
    lock.release();
    writeFileSync(`${path}.lock`, `${process.ppid}\n`);
    expect(() => StateLock.take(path)).toThrow(
      expect.objectContaining({ code: "TFG_DEVGRID_BUSY", facts: { file: path, process: process.ppid } }),
    );
  });

  test("makes the folder it is in", () => {
    StateLock.take(join(folder, "new", "state.json")).release();
    expect(existsSync(join(folder, "new"))).toBe(true);
  });

  test.each([
    ["a process that is gone", () => String(spawnSync(process.execPath, ["-e", ""]).pid)],
    ["a former process with this one's id", () => String(process.pid)],
    ["nobody", () => "nonsense"],
  ])("left behind by %s is taken over", (_who, content) => {
    writeFileSync(`${path}.lock`, content());
    expect(StateLock.holder(path)).toBeUndefined();
    StateLock.take(path).release();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("tells who holds it, and what was announced once that is known", () => {
    const lock = StateLock.take(path);
    expect(StateLock.holder(path)).toEqual({ pid: process.pid, announcement: undefined });
    lock.announce({ chain: "ws://127.0.0.1:1" });
    expect(StateLock.holder(path)).toEqual({ pid: process.pid, announcement: { chain: "ws://127.0.0.1:1" } });
    expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600);
    lock.release();
    expect(StateLock.holder(path)).toBeUndefined();
  });
});
