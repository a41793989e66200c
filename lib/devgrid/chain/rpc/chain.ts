import type { Block } from "../block/blocks";
import type { RpcContext, RpcHandler, RpcMethods } from "./handler";
import { badParams, optionalBlockParam } from "./handler";

const subscribeNewHeads: RpcHandler = ({ core, connection }) => subscribeHeads("chain_newHead", core, connection);

const unsubscribe: RpcHandler = ({ connection }, [id]) => connection.close(id);

/** Blocks and their headers. */
export const chainMethods: RpcMethods = {
  chain_getBlock: ({ core }, params) => {
    const block = optionalBlockParam(core, params, 0);
    if (!block) return null;
    const extrinsics = block.extrinsics.map((bytes) => `0x${bytes.toString("hex")}`);
    return { block: { header: headerOf(block), extrinsics }, justifications: null };
  },
  chain_getBlockHash: (context, [asked]) =>
    Array.isArray(asked) ? asked.map((one) => hashOf(context, one)) : hashOf(context, asked),
  chain_getFinalizedHead: ({ core }) => `0x${core.blocks.finalized.hash}`,
  chain_getHeader: ({ core }, params) => {
    const block = optionalBlockParam(core, params, 0);
    return block ? headerOf(block) : null;
  },
  chain_subscribeAllHeads: ({ core, connection }) => subscribeHeads("chain_allHead", core, connection),
  chain_subscribeFinalizedHeads: ({ core, connection }) =>
    connection.open("chain_finalizedHead", ({ send }) => {
      send(headerOf(core.blocks.finalized));
      return core.listen({ finalized: (block) => send(headerOf(block)) });
    }),
  chain_subscribeNewHead: subscribeNewHeads,
  chain_subscribeNewHeads: subscribeNewHeads,
  chain_unsubscribeAllHeads: unsubscribe,
  chain_unsubscribeFinalizedHeads: unsubscribe,
  chain_unsubscribeNewHead: unsubscribe,
  chain_unsubscribeNewHeads: unsubscribe,
};

/** A header as JSON. */
function headerOf({ header }: Block): object {
  return {
    parentHash: `0x${header.parentHash}`,
    number: `0x${header.number.toString(16)}`,
    stateRoot: `0x${header.stateRoot}`,
    extrinsicsRoot: `0x${header.extrinsicsRoot}`,
    digest: { logs: header.logs.map((log) => `0x${log}`) },
  };
}

function subscribeHeads(method: string, core: RpcContext["core"], connection: RpcContext["connection"]): string {
  return connection.open(method, ({ send }) => {
    send(headerOf(core.blocks.head));
    return core.listen({ head: (block) => send(headerOf(block)) });
  });
}

function hashOf({ core }: RpcContext, asked: unknown): string | null {
  if (asked === undefined || asked === null) return `0x${core.blocks.head.hash}`;
  const number = typeof asked === "string" && /^0x[0-9a-fA-F]{1,16}$/.test(asked) ? Number(asked) : asked;
  if (typeof number !== "number" || !Number.isInteger(number)) throw badParams("a block number is a number or hex");
  const block = core.blocks.findByNumber(number);
  return block ? `0x${block.hash}` : null;
}
