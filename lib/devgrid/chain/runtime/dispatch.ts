import { blake2AsHex } from "@polkadot/util-crypto";
import { System } from "../pallets/runtime";
import { batchHandlers } from "./batches";
import { contractHandlers } from "./contracts/contracts";
import { reportHandlers } from "./contracts/reports";
import { solutionProviderHandlers } from "./contracts/solution-providers";
import type { Dispatch, Handlers, HandlerTable } from "./handlers";
import { dispatcher } from "./handlers";
import { keyValueHandlers } from "./key-values";
import { farmHandlers } from "./tfgrid/farms";
import { nodeHandlers } from "./tfgrid/nodes";
import { twinHandlers } from "./tfgrid/twins";
import { transferHandlers } from "./transfers";

const systemHandlers: Handlers<typeof System> = {
  remark: () => undefined,
  remark_with_event: (state, sender, { remark }) => {
    const hash = blake2AsHex(Buffer.from(remark, "latin1")).slice(2);
    state.emit(System, "Remarked", { sender, hash });
  },
};

const table: HandlerTable = {
  System: systemHandlers,
  Utility: batchHandlers((state, origin, call) => dispatch(state, origin, call)),
  Balances: transferHandlers,
  TfgridModule: { ...twinHandlers, ...farmHandlers, ...nodeHandlers },
  SmartContractModule: { ...contractHandlers, ...reportHandlers, ...solutionProviderHandlers },
  TFKVStore: keyValueHandlers,
};

/** Runs any call. Those of the council, of validators and of service contracts have no handler: BadOrigin. */
export const dispatch: Dispatch = dispatcher(table);
