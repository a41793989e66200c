import type { Twin } from "../../../model/twin";
import { asBytes, asNumber, asStruct, asText } from "./codec-json";

/** Reads a twin record. @source tfchain spec 144 and 152 metadata, pallet_tfgrid::types::Twin */
export function decodeTwin(json: unknown): Twin {
  const record = asStruct(json, "twin");
  return {
    twinId: asNumber(record.id, "twin id"),
    accountId: asBytes(record.accountId, "account"),
    relay: record.relay === null ? undefined : asText(record.relay, "relay"),
    encryptionKey: record.pk === null ? undefined : asBytes(record.pk, "encryption key"),
  };
}
