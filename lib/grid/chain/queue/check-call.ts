import { GridError } from "../../../core/errors";
import type { ContractCall } from "../../../model/call";

/** Bytes of deployment data the runtime decodes. @source tfchain pallet-smart-contract, MaxDeploymentDataLength */
const MAX_DATA_BYTES = 512;

/** Bytes of a note's key and value. @source tfchain pallet-kvstore */
const MAX_KEY_BYTES = 512;
const MAX_VALUE_BYTES = 2048;

const U32 = 2 ** 32 - 1;

/** One field of a call that the runtime could not decode, or would refuse whatever its state is. */
interface Finding {
  readonly field: string;
  readonly given: string | number;
  readonly allowed: string;
}

/**
 * Checks a call before it joins others: one field the runtime cannot decode kills the whole extrinsic, everybody
 * else's calls included, without saying which.
 *
 * @throws {GridError} TFG_CALL_INVALID naming every field at fault
 */
export function checkCall(call: ContractCall): void {
  const findings = findingsOf(call).filter((finding) => finding !== undefined);
  if (findings.length > 0) throw callInvalid(call.kind, findings);
}

function findingsOf(call: ContractCall): (Finding | undefined)[] {
  switch (call.kind) {
    case "createNodeContract":
      return [
        id("nodeId", call.nodeId, U32),
        hash(call.deploymentHash),
        data(call.deploymentData),
        within("publicIps", call.publicIps, [0, U32]),
        provider(call.solutionProviderId),
      ];
    case "updateNodeContract":
      return [id("contractId", call.contractId), hash(call.deploymentHash), data(call.deploymentData)];
    case "createNameContract":
      return [name(call.name)];
    case "createRentContract":
      return [id("nodeId", call.nodeId, U32), provider(call.solutionProviderId)];
    case "cancelContract":
      return [id("contractId", call.contractId)];
    case "setNote":
      // An empty value reads like no note at all.
      return [bytes("key", call.key, MAX_KEY_BYTES), bytes("value", call.value, MAX_VALUE_BYTES)];
    case "deleteNote":
      return [bytes("key", call.key, MAX_KEY_BYTES)];
  }
}

function within(field: string, value: number, [from, to]: readonly [number, number]): Finding | undefined {
  if (Number.isInteger(value) && value >= from && value <= to) return undefined;
  return { field, given: value, allowed: `a whole number from ${from} to ${to}` };
}

function id(field: string, value: number, max: number = Number.MAX_SAFE_INTEGER): Finding | undefined {
  return within(field, value, [1, max]);
}

function provider(value: number | undefined): Finding | undefined {
  return value === undefined ? undefined : id("solutionProviderId", value);
}

function hash(value: string): Finding | undefined {
  if (/^[0-9a-f]{32}$/.test(value)) return undefined;
  return { field: "deploymentHash", given: value, allowed: "32 lower-case hex digits, without 0x" };
}

function data(value: string): Finding | undefined {
  const bytes = Buffer.byteLength(value, "utf8");
  if (bytes <= MAX_DATA_BYTES) return undefined;
  return { field: "deploymentData", given: `${bytes} bytes`, allowed: `at most ${MAX_DATA_BYTES} bytes` };
}

function bytes(field: string, value: string, max: number): Finding | undefined {
  const length = Buffer.byteLength(value, "utf8");
  if (length >= 1 && length <= max) return undefined;
  return { field, given: `${length} bytes`, allowed: `1 to ${max} bytes` };
}

function name(value: string): Finding | undefined {
  if (/^[a-z0-9_-]{3,64}$/.test(value)) return undefined;
  return { field: "name", given: value, allowed: "3 to 64 of a-z 0-9 - _" };
}

function callInvalid(kind: string, findings: readonly Finding[]): GridError {
  const lines = findings.map(({ field, given, allowed }) => [
    field,
    `${String(given).slice(0, 80)}; allowed: ${allowed}`,
  ]);
  return new GridError({
    code: "TFG_CALL_INVALID",
    summary: `The chain cannot take this ${kind} call.`,
    facts: Object.fromEntries(lines),
    standing: "It was not sent; other calls are not affected.",
    remedy: "correct the fields named above.",
  });
}

/**
 * Checks the calls of one submit.
 *
 * @throws {GridError} TFG_CALL_INVALID
 */
export function checkGroup(calls: readonly ContractCall[], maxCalls: number): void {
  for (const call of calls) checkCall(call);
  if (calls.length <= maxCalls) return;
  throw callInvalid("batch", [{ field: "calls", given: calls.length, allowed: `at most ${maxCalls} together` }]);
}
