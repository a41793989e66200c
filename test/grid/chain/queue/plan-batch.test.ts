import fc from "fast-check";
import { batchClosesAt, MAX_CALLS, planBatches, splitByWeight } from "../../../../lib/grid/chain/queue/plan-batch";

/** One that opened at 1 000. */
const opened = { firstAddedAt: 1_000, lastAddedAt: 1_040, calls: 2, isMoreExpected: false };

describe("planning extrinsics", () => {
  test("closes a batch a quiet period after its last call", () => {
    expect(batchClosesAt(opened, 100)).toBe(1_140);
  });

  test("closes a batch that never falls quiet after ten periods", () => {
    expect(batchClosesAt({ ...opened, lastAddedAt: 1_990, calls: 40 }, 100)).toBe(2_000);
  });

  test("keeps a batch open for calls that are expected, for ten periods", () => {
    expect(batchClosesAt({ ...opened, isMoreExpected: true }, 100)).toBe(2_000);
  });

  test("closes a full batch at once", () => {
    expect(batchClosesAt({ ...opened, calls: MAX_CALLS, isMoreExpected: true }, 100)).toBe(1_040);
  });

  test("opens another extrinsic when the next group no longer fits whole", () => {
    expect(planBatches([200, 150, 100, 300])).toEqual([2, 2]);
    expect(planBatches([])).toEqual([]);
  });

  test("loses no group, splits none, and fills no extrinsic beyond its limit", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: MAX_CALLS })), (sizes) => {
        const batches = planBatches(sizes);
        const rest = [...sizes];
        const loads = batches.map((groups) => rest.splice(0, groups).reduce((sum, size) => sum + size, 0));
        return rest.length === 0 && loads.every((load) => load > 0 && load <= MAX_CALLS);
      }),
    );
  });

  test("cuts what is too heavy into the fewest equal parts, down to single groups", () => {
    expect(splitByWeight(10, 700n, 1_000n)).toEqual([10]);
    expect(splitByWeight(10, 2_500n, 1_000n)).toEqual([3, 3, 4]);
    expect(splitByWeight(1, 5_000n, 1_000n)).toEqual([1]);
    expect(splitByWeight(2, 9_000n, 1_000n)).toEqual([1, 1]);
  });
});
