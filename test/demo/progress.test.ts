import { Progress, type Screen } from "../../scripts/demo/progress";

function screen(isTTY: boolean): Screen & { text(): string } {
  let text = "";
  return {
    isTTY,
    columns: 40,
    write: (more) => {
      text += more;
    },
    text: () => text,
  };
}

describe("progress", () => {
  test("is plain lines where there is no terminal", async () => {
    const plain = screen(false);
    const progress = new Progress(plain, ["build", "deploy"]);
    await progress.run("build", async ({ doing, result }) => {
      doing("something that nobody sees");
      result("all there");
    });
    expect(plain.text().replace(/\d+\.\d/, "0.0")).toBe("… build\n✓ build     0.0 s  all there\n");
  });

  test("is one line that is cut to the terminal's width, and is replaced by what came of it", async () => {
    const terminal = screen(true);
    const progress = new Progress(terminal, ["deploy"]);
    await progress.run("deploy", async ({ result }) => result("done"));
    const drawings = terminal.text().split("\r\u001b[K");
    expect(drawings[1]).toMatch(/^⠋ deploy +0\.0 s$/);
    expect(drawings.at(-1)).toMatch(/^✓ deploy +\d\.\d s {2}done\n$/);
    for (const drawing of drawings.slice(0, -1)) expect(drawing.length).toBeLessThan(40);
  });

  test("marks a step that failed and passes the failure on", async () => {
    const plain = screen(false);
    const failing = new Progress(plain, ["deploy"]).run("deploy", async () => {
      throw new Error("no node");
    });
    await expect(failing).rejects.toThrow("no node");
    expect(plain.text()).toMatch(/✗ deploy .* failed\n$/);
  });
});
