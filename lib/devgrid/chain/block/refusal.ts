/** An error answer of JSON-RPC: what a client sees as `code: message: data`. */
export class RpcRefusal extends Error {
  readonly code: number;
  readonly data: string | undefined;

  constructor(code: number, message: string, data?: string) {
    super(message);
    this.name = "RpcRefusal";
    this.code = code;
    this.data = data;
  }
}

/** Why the runtime holds an extrinsic invalid. @source substrate InvalidTransaction */
const INVALID = {
  call: "Transaction call is not expected",
  payment: "Inability to pay some fees (e.g. account balance too low)",
  stale: "Transaction is outdated",
  badProof: "Transaction has a bad signature",
  ancientBirthBlock: "Transaction has an ancient birth block",
  exhaustsResources: "Transaction would exhaust the block limits",
} as const;

/** 1010: the extrinsic can never be included as it is. It costs nothing and does not use its nonce. */
export function invalid(reason: keyof typeof INVALID): RpcRefusal {
  return new RpcRefusal(1010, "Invalid Transaction", INVALID[reason]);
}

/** 1011: the runtime trapped on it, as it does on bytes it cannot decode. It does not say which part is wrong. */
export function undecodable(): RpcRefusal {
  const trap = "Execution failed: Execution aborted due to trap: wasm trap: wasm `unreachable` instruction executed";
  return new RpcRefusal(1011, "Unknown Transaction Validity", `Runtime error: ${trap}`);
}

/** 1011: the sender is named in a way the runtime cannot look up, or nobody signed. */
export function unknownValidity(reason: string): RpcRefusal {
  return new RpcRefusal(1011, "Unknown Transaction Validity", reason);
}

/** 1012: refused lately; the node does not look again for a while. */
export function banned(): RpcRefusal {
  return new RpcRefusal(1012, "Transaction is temporarily banned");
}

/** 1013: the very same extrinsic is in the pool. */
export function alreadyImported(hash: string): RpcRefusal {
  return new RpcRefusal(1013, "Transaction Already Imported", `0x${hash}`);
}

/** 1014: another extrinsic with this nonce is pooled and worth as much. */
export function priorityTooLow(pooled: bigint, given: bigint): RpcRefusal {
  const text = "The transaction has too low priority to replace another transaction already in the pool.";
  return new RpcRefusal(1014, `Priority is too low: (${pooled} vs ${given})`, text);
}

/** 1016: the pool is full. */
export function poolFull(): RpcRefusal {
  return new RpcRefusal(1016, "Immediately Dropped", "The transaction couldn't enter the pool because of the limit");
}
