/**
 * One machine of the packet test, as a process in its namespace. Says what it hears from whom; asked for addresses on
 * standard input, it calls each until it answers or the time is up, and prints what came back as one line of JSON.
 *
 * Arguments: name, port, milliseconds to try.
 */
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";

const RETRY_MS = 250;

const [name = "", port = "0", tryMs = "0"] = process.argv.slice(-3);
const answers = new Map<string, { readonly by: string; readonly saw: string }>();
const socket = createSocket("udp4");

socket.on("message", (text, { address, port: from }) => {
  const { call, by, saw } = JSON.parse(text.toString()) as Record<string, string | undefined>;
  if (call !== undefined) socket.send(JSON.stringify({ by: name, saw: address }), from, address);
  else if (by !== undefined && saw !== undefined) answers.set(address, { by, saw });
});

socket.bind(Number(port), () => process.stdout.write("ready\n"));

createInterface({ input: process.stdin }).on("line", (line) => {
  const targets = JSON.parse(line) as string[];
  const endsAt = Date.now() + Number(tryMs);
  const round = () => {
    const open = targets.filter((target) => !answers.has(target));
    if (open.length === 0 || Date.now() > endsAt) {
      process.stdout.write(`${JSON.stringify(Object.fromEntries(answers))}\n`);
      return;
    }
    // What cannot be sent yet is sent in the next round, and what never can shows as unanswered.
    for (const target of open) socket.send(JSON.stringify({ call: name }), Number(port), target, () => undefined);
    setTimeout(round, RETRY_MS);
  };
  round();
});
