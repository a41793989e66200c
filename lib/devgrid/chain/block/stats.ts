import type { RuntimeCall } from "../pallets/runtime";

/** Counts what the chain did; counted here and never by a client, so that tests can rely on it. */
export class ChainStats {
  /** Blocks made, the empty ones included. */
  blocks = 0;
  /** Signed extrinsics included. */
  extrinsics = 0;
  /** Signed extrinsics of each block made, oldest first; the last 1000. */
  readonly extrinsicsPerBlock: number[] = [];
  /** Calls included by `Pallet.name`; a batch counts, and so does every call inside. */
  readonly calls = new Map<string, number>();

  /** Counts a block by the calls of its extrinsics. */
  count(calls: readonly RuntimeCall[]): void {
    this.blocks += 1;
    this.extrinsics += calls.length;
    this.extrinsicsPerBlock.push(calls.length);
    if (this.extrinsicsPerBlock.length > 1000) this.extrinsicsPerBlock.shift();
    for (const call of calls) this.#countCall(call);
  }

  #countCall(call: RuntimeCall): void {
    const name = `${call.pallet}.${call.name}`;
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    const inner = call.pallet === "Utility" ? call.args.calls : undefined;
    if (Array.isArray(inner)) for (const one of inner as readonly RuntimeCall[]) this.#countCall(one);
  }
}
