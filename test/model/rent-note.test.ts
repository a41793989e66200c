import { decodeRentNote, encodeRentNote, rentNoteKey } from "../../lib/model/rent-note";

const stamp = { lineage: "shop.0123456789abcdef", role: "dedicated_node/gpu", token: "8f14e45fceea167a" };

test("a note is a stored format: it reads the same for ever", () => {
  expect(rentNoteKey(12)).toBe("cdktf/rent/12");
  expect(encodeRentNote({ stamp, contractId: undefined })).toBe(
    '{"p":"shop.0123456789abcdef","r":"dedicated_node/gpu","t":"8f14e45fceea167a"}',
  );
  expect(encodeRentNote({ stamp, contractId: 77 })).toBe(
    '{"p":"shop.0123456789abcdef","r":"dedicated_node/gpu","t":"8f14e45fceea167a","c":77}',
  );
});

test.each([undefined, 77])("a note about contract %p is read back as it was written", (contractId) => {
  expect(decodeRentNote(encodeRentNote({ stamp, contractId }))).toEqual({ stamp, contractId });
});

test.each(["", "not JSON", "[]", "null", '{"p":"x","r":"y"}', '{"p":1,"r":"y","t":"z"}'])(
  "what another client noted is none of ours: %s",
  (text) => {
    expect(decodeRentNote(text)).toBeUndefined();
  },
);
