/** The lab provider as a process of its own, its world in the directory that LAB_WORLD names. */
import "../../lib/provider/server/process/stdout-guard";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ObjectValue } from "../../lib/provider/schema/value";
import { runProvider } from "../../lib/provider/server/run-provider";
import { type LabWorld, labProvider, labSource } from "./lab-provider";

// What a careless library would do; it must not reach the handshake.
process.stdout.write("a stray line\n");

class FileWorld implements LabWorld {
  readonly #dir: string;
  constructor(dir: string) {
    this.#dir = dir;
  }
  get(id: string): ObjectValue | undefined {
    const path = this.#path(id);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  }
  set(id: string, thing: ObjectValue): void {
    writeFileSync(this.#path(id), JSON.stringify(thing));
  }
  delete(id: string): void {
    rmSync(this.#path(id), { force: true });
  }
  note(event: string): void {
    appendFileSync(join(this.#dir, "events.log"), `${process.pid} ${event}\n`);
  }
  #path(id: string): string {
    return join(this.#dir, `${id}.json`);
  }
}

const definition = labProvider(new FileWorld(process.env.LAB_WORLD ?? ""));
runProvider(definition, labSource);
