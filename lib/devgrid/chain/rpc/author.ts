import type { ExtrinsicStatus } from "../block/pool";
import type { RpcMethods } from "./handler";
import { bytesParam } from "./handler";

/** Sending extrinsics. */
export const authorMethods: RpcMethods = {
  author_submitExtrinsic: ({ chain, pace }, params) => {
    const hash = chain.submit(bytesParam(params, 0), () => undefined);
    pace.poke();
    return `0x${hash}`;
  },
  author_submitAndWatchExtrinsic: ({ chain, connection, pace }, params) =>
    connection.open("author_extrinsicUpdate", (subscription) => {
      let isOpen = true;
      const watcher = (status: ExtrinsicStatus) => {
        if (!isOpen) return;
        subscription.send(toWire(status));
        if (isLast(status)) connection.close(subscription.id);
      };
      chain.submit(bytesParam(params, 0), watcher, connection);
      pace.poke();
      return () => {
        isOpen = false;
      };
    }),
  author_unwatchExtrinsic: ({ connection }, [id]) => connection.close(id),
  author_pendingExtrinsics: ({ chain }) => chain.pending.map((bytes) => `0x${bytes.toString("hex")}`),
};

function toWire(status: ExtrinsicStatus): unknown {
  return typeof status === "string" ? status : { [status.kind]: `0x${status.hash}` };
}

/** After these nothing more is told, as by the real node. */
function isLast(status: ExtrinsicStatus): boolean {
  if (typeof status === "string") return status === "dropped" || status === "invalid";
  return status.kind === "finalized" || status.kind === "usurped";
}
