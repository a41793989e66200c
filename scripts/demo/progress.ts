/** Where progress is shown. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a step tells while it runs. */
export interface Step {
  /** What it is doing right now. */
  doing(detail: string): void;
  /** What came of it; shown when it is done. */
  result(text: string): void;
}

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

/** Shows steps as they run: one line that changes on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #screen: Screen;
  readonly #width: number;
  readonly #stop: AbortSignal | undefined;
  readonly #startedAt = performance.now();

  /**
   * @param titles of all steps, so that columns line up
   * @param stop tells a step that was stopped from one that failed
   */
  constructor(screen: Screen, titles: readonly string[], stop?: AbortSignal) {
    this.#screen = screen;
    this.#stop = stop;
    this.#width = Math.max(...titles.map((title) => title.length));
  }

  /** Runs a step and shows it, for how long it has been at it included. */
  async run<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const shown = { doing: "", result: "" };
    const line = (mark: string, text: string) => {
      const time = `${seconds(performance.now() - startedAt)} s`.padStart(8);
      return `${mark} ${title.padEnd(this.#width)} ${time}  ${text}`.trimEnd();
    };
    const stopDrawing = this.#draw((frame) => line(SPINNER[frame % SPINNER.length] ?? "", shown.doing));
    if (!this.#screen.isTTY) this.print(`… ${title}`);
    const step: Step = {
      doing: (detail) => {
        shown.doing = detail;
      },
      result: (text) => {
        shown.result = text;
      },
    };
    try {
      const value = await work(step);
      stopDrawing();
      this.print(line("✓", shown.result));
      return value;
    } catch (error) {
      stopDrawing();
      this.print(line("✗", this.#stop?.aborted ? "stopped" : "failed"));
      throw error;
    }
  }

  /** Shows lines of their own. */
  print(text: string): void {
    this.#screen.write(`${text}\n`);
  }

  /** Seconds since the beginning. */
  elapsed(): string {
    return seconds(performance.now() - this.#startedAt);
  }

  /** Draws a line over and over on a terminal; the function given back takes it away again. */
  #draw(line: (frame: number) => string): () => void {
    if (!this.#screen.isTTY) return () => undefined;
    let frame = 0;
    const draw = () => {
      this.#screen.write(CLEAR_LINE + line(frame++).slice(0, (this.#screen.columns ?? 80) - 1));
    };
    draw();
    const timer = setInterval(draw, FRAME_MS);
    return () => {
      clearInterval(timer);
      this.#screen.write(CLEAR_LINE);
    };
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
