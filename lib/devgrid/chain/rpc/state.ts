import type { Block } from "../block/blocks";
import { RpcRefusal } from "../block/refusal";
import { RUNTIME_VERSION } from "../pallets/system";
import { encodeValue } from "../scale/codec";
import { vec } from "../scale/composites";
import { bytes, u32 } from "../scale/primitives";
import type { RpcContext, RpcHandler, RpcMethods } from "./handler";
import { badParams, blockParam, bytesParam } from "./handler";
import { queryInfoCall } from "./payment";
import { pageKeys, readRaw } from "./storage";

/** Most keys one query may ask for. */
const MAX_KEYS = 10_000;

const METADATA_VERSION = 14;

/** Runtime functions clients call by name. */
const runtimeFunctions: { readonly [name: string]: RpcHandler } = {
  Metadata_metadata_versions: () => hex(encodeValue(vec(u32), [METADATA_VERSION])),
  Metadata_metadata_at_version: ({ metadata }, [version]) => {
    if (version !== hex(encodeValue(u32, METADATA_VERSION))) return "0x00";
    return `0x01${encodeValue(bytes(), Buffer.from(metadata, "hex").toString("latin1")).toString("hex")}`;
  },
  AccountNonceApi_account_nonce: ({ chain }, params) => {
    const account = bytesParam(params, 0).toString("hex");
    if (account.length !== 64) throw badParams("an account is 32 bytes");
    return hex(encodeValue(u32, chain.nonceOf(account)));
  },
  TransactionPaymentApi_query_info: (context, params) => queryInfoCall(context, bytesParam(params, 0)),
};

/** Storage, metadata and the runtime's version. */
export const stateMethods: RpcMethods = {
  state_call: (context, [name, ...params]) => {
    const handler = typeof name === "string" ? runtimeFunctions[name] : undefined;
    if (!handler) throw new RpcRefusal(-32601, "Method not found", `runtime function ${String(name)} is not served`);
    return handler(context, params);
  },
  state_getKeysPaged: (context, params) => {
    const start = params[2] === undefined || params[2] === null ? "" : bytesParam(params, 2).toString("hex");
    return pageKeys(
      context,
      bytesParam(params, 0),
      { count: Number(params[1]), start },
      blockParam(context, params, 3),
    );
  },
  state_getMetadata: ({ metadata }) => `0x${metadata}`,
  state_getRuntimeVersion: (context, params) => {
    blockParam(context, params, 0);
    return runtimeVersion;
  },
  state_getStorage: (context, params) => readRaw(context, bytesParam(params, 0), blockParam(context, params, 1)),
  state_queryStorageAt: (context, params) => {
    const block = blockParam(context, params, 1);
    return [{ block: `0x${block.hash}`, changes: readAll(context, keysParam(params), block) }];
  },
  state_subscribeRuntimeVersion: ({ connection }) =>
    connection.open("state_runtimeVersion", ({ send }) => {
      send(runtimeVersion);
      return () => undefined;
    }),
  state_subscribeStorage: (context, params) => {
    const keys = keysParam(params);
    return context.connection.open("state_storage", ({ send }) => {
      const last = new Map<string, string | null>();
      const tell = (block: Block) => {
        const changes = readAll(context, keys, block).filter(([key, value]) => last.get(key) !== value);
        for (const [key, value] of changes) last.set(key, value);
        if (changes.length > 0) send({ block: `0x${block.hash}`, changes });
      };
      tell(context.chain.head);
      return context.chain.listen({ head: tell });
    });
  },
  state_unsubscribeRuntimeVersion: ({ connection }, [id]) => connection.close(id),
  state_unsubscribeStorage: ({ connection }, [id]) => connection.close(id),
};

const runtimeVersion = {
  specName: RUNTIME_VERSION.spec_name,
  implName: RUNTIME_VERSION.impl_name,
  authoringVersion: RUNTIME_VERSION.authoring_version,
  specVersion: RUNTIME_VERSION.spec_version,
  implVersion: RUNTIME_VERSION.impl_version,
  apis: RUNTIME_VERSION.apis.map(([id, version]) => [`0x${id}`, version]),
  transactionVersion: RUNTIME_VERSION.transaction_version,
  stateVersion: RUNTIME_VERSION.state_version,
};

function keysParam(params: readonly unknown[]): Buffer[] {
  const keys = params[0];
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw badParams(`up to ${MAX_KEYS} storage keys`);
  return keys.map((_, index) => bytesParam(keys, index));
}

function readAll(context: RpcContext, keys: readonly Buffer[], block: Block): [string, string | null][] {
  return keys.map((key) => [hex(key), readRaw(context, key, block)]);
}

function hex(value: Buffer): string {
  return `0x${value.toString("hex")}`;
}
