import { Endings } from "../../lib/engine/endings";

test("the end of everything waits for ends that begin while it waits, and tells each failure once", async () => {
  const endings = new Endings();
  const [first, second] = [new Error("first"), new Error("second")];
  endings.follow(Promise.resolve());
  endings.follow(Promise.reject(first));
  endings.follow(
    new Promise<void>((resolve) => setImmediate(resolve)).then(() => endings.follow(Promise.reject(second))),
  );
  expect(await endings.settled()).toEqual([first, second]);
  expect(await endings.settled()).toEqual([]);
});
