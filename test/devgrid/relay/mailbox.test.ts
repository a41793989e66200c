import { Mailbox } from "../../../lib/devgrid/relay/mailbox";

const collector = () => {
  const got: string[] = [];
  const deliver = (bytes: Uint8Array) => got.push(Buffer.from(bytes).toString()) > 0;
  return { got, deliver, close: () => got.push("closed"), cut: () => got.push("cut") };
};

describe("a mailbox", () => {
  it("forgets its queue an hour after the last message", () => {
    const mailbox = new Mailbox();
    mailbox.push(Buffer.from("a"), 1);
    mailbox.push(Buffer.from("b"), 3_600_000);
    const inTime = collector();
    mailbox.connect(inTime, 7_200_000);
    expect(inTime.got).toEqual(["a", "b"]);
    mailbox.disconnect(inTime);
    mailbox.push(Buffer.from("c"), 7_200_000);
    const late = collector();
    mailbox.connect(late, 10_800_001);
    expect(late.got).toEqual([]);
  });

  it("drops the oldest beyond 10 000 messages, or beyond 64 MiB", () => {
    const many = new Mailbox();
    for (let n = 0; n < 10_002; n++) many.push(Buffer.from(`${n}`), 0);
    const reader = collector();
    many.connect(reader, 0);
    expect([reader.got.length, reader.got[0]]).toEqual([10_000, "2"]);

    const large = new Mailbox();
    const sizes: number[] = [];
    for (const mib of [40, 20, 10]) large.push(Buffer.alloc(mib * 1024 * 1024), 0);
    large.connect(
      { deliver: (bytes) => sizes.push(bytes.length / 1024 / 1024) > 0, close: () => undefined, cut: () => undefined },
      0,
    );
    expect(sizes).toEqual([20, 10]);
  });

  it("queues again what a dying connection did not take", () => {
    const mailbox = new Mailbox();
    mailbox.connect({ deliver: () => false, close: () => undefined, cut: () => undefined }, 0);
    mailbox.push(Buffer.from("a"), 0);
    expect(mailbox.isConnected).toBe(false);
    const next = collector();
    mailbox.connect(next, 0);
    expect(next.got).toEqual(["a"]);
  });

  it("closes the connection that is taken over, whose own end then changes nothing", () => {
    const mailbox = new Mailbox();
    const [first, second] = [collector(), collector()];
    mailbox.connect(first, 0);
    mailbox.connect(second, 0);
    mailbox.disconnect(first);
    mailbox.push(Buffer.from("a"), 0);
    expect([first.got, second.got]).toEqual([["closed"], ["a"]]);
  });
});
