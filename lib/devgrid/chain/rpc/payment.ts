import { decodeExtrinsic } from "../block/extrinsic";
import { feeOf } from "../block/validity";
import { weightOf } from "../block/weights";
import { dispatchClass, weight } from "../pallets/system-types";
import { encodeValue } from "../scale/codec";
import { struct } from "../scale/composites";
import { u128 } from "../scale/primitives";
import type { RpcContext, RpcMethods } from "./handler";
import { bytesParam } from "./handler";

const dispatchCost = struct("RuntimeDispatchInfo", { weight, class: dispatchClass, partial_fee: u128 });

/** What an extrinsic would cost, the tip left out. */
export const paymentMethods: RpcMethods = {
  payment_queryInfo: (_context, params) => {
    const { weight: cost, partial_fee } = costOf(bytesParam(params, 0));
    return {
      weight: { ref_time: cost.ref_time, proof_size: cost.proof_size },
      class: "normal",
      partialFee: partial_fee.toString(),
    };
  },
};

/** The same as the runtime function answers it: the argument is the extrinsic and, in four bytes, its length. */
export function queryInfoCall(_context: RpcContext, args: Buffer): string {
  const extrinsic = args.subarray(0, Math.max(0, args.length - 4));
  return `0x${encodeValue(dispatchCost, costOf(extrinsic)).toString("hex")}`;
}

function costOf(bytes: Buffer) {
  const { call } = decodeExtrinsic(bytes);
  return {
    weight: { ref_time: weightOf(call), proof_size: 0 },
    class: "Normal" as const,
    partial_fee: feeOf(bytes.length),
  };
}
