import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { messageOf } from "../../core/errors";
import { type Log, silentLog } from "../../core/log";
import type { Address } from "../../model/envelope";
import { MAX_ENVELOPE_BYTES } from "../../model/envelope-codec";
import type { Wire } from "../wire/wire";
import type { Connection } from "./mailbox";
import type { RelayFaults } from "./relay-faults";
import { admit, answerHttp, type Refusal } from "./relay-http";
import { Switchboard, type SwitchboardOptions } from "./switchboard";
import type { Traffic } from "./traffic";

/** How a relay is started. */
export interface RelayOptions extends SwitchboardOptions {
  /** Loopback port. @default 0: the system picks a free one */
  readonly port?: number;
  /** Where failures are reported. @default nowhere */
  readonly log?: Log;
}

/** A place at the relay for someone in this process. */
export interface RelayLink {
  /** Hands an encoded envelope to the relay; it is lost when the link no longer holds its mailbox. */
  send(bytes: Uint8Array): void;
  /** Leaves: the twin is offline from now on, and what comes for it is queued. */
  detach(): void;
}

/**
 * The message bus of a devgrid: one websocket server on loopback that stands for every relay of the grid.
 *
 * Differs from the real service: every twin is served here whatever relay its record names, so nothing is federated
 * outwards; records of twins are never stale; a frame may be as large as a message; what was handed to a socket counts
 * as delivered; queues hold at most 64 MiB.
 *
 * @source rmb-rs src/relay
 */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_ENVELOPE_BYTES, perMessageDeflate: false });
  readonly #board: Switchboard;
  readonly #log: Log;
  #isDown = false;

  private constructor(private readonly options: RelayOptions) {
    this.#board = new Switchboard(options);
    this.#log = options.log ?? silentLog;
    this.#server = createServer((request, response) => {
      if (this.#isDown) request.socket.destroy();
      else void answerHttp(this.#board, request, response);
    });
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Starts listening on loopback. */
  static async start(options: RelayOptions): Promise<Relay> {
    const relay = new Relay(options);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once("error", reject);
      relay.#server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return relay;
  }

  /** `ws://127.0.0.1:<port>`, no trailing slash. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `ws://127.0.0.1:${port}`;
  }

  /** What came in so far, by command and twins. */
  get traffic(): Traffic {
    return this.#board.traffic;
  }

  /** Losses and delays on demand. */
  get faults(): RelayFaults {
    return this.#board.faults;
  }

  /** What every delivery passes on its way. */
  get wire(): Wire {
    return this.#board.wire;
  }

  /** How many mailboxes are being served, peers in this process included. */
  connectionCount(): number {
    return this.#board.connectionCount();
  }

  /** Connects someone in this process, without a socket or a token. @param onCut called when the connection breaks */
  attach(
    twinId: number,
    session: string | undefined,
    deliver: (envelope: Uint8Array) => void,
    onCut: () => void = () => undefined,
  ): RelayLink {
    const address: Address = { twinId, session };
    const connection: Connection = {
      deliver: (bytes) => {
        deliver(bytes);
        return true;
      },
      close: () => undefined,
      cut: onCut,
    };
    this.#board.connect(address, connection);
    return {
      send: (bytes) => {
        if (this.#board.isHeldBy(address, connection)) this.#board.receive(address, bytes);
      },
      detach: () => this.#board.disconnect(address, connection),
    };
  }

  /** Cuts every websocket, as a network that fails for a moment does; clients may come back at once. */
  disconnectAll(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  /** Ends and begins again: every connection is cut, what was queued or on its way is lost; all may come back at once. */
  restart(): void {
    this.#board.forget();
    this.disconnectAll();
  }

  /** While down, websockets are cut and connections get no answer. Peers in this process stay attached. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
    if (isDown) this.disconnectAll();
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    this.#board.wire.clear();
    this.disconnectAll();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", (error) => this.#log("debug", "relay: connection failed", { error: error.message }));
    if (this.#isDown) {
      socket.destroy();
      return;
    }
    const { ledger, clock } = this.options;
    const verdict = admit(request.url ?? "/", ledger, Math.floor(clock.now() / 1000));
    if ("status" in verdict) {
      this.#log("debug", "relay: refused a connection", { ...verdict });
      refuse(socket, verdict);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#serve(opened, verdict));
  }

  #serve(socket: WebSocket, address: Address): void {
    const connection: Connection = {
      deliver: (bytes) => {
        if (socket.readyState !== socket.OPEN) return false;
        socket.send(bytes);
        return true;
      },
      close: () => socket.close(),
      cut: () => socket.terminate(),
    };
    socket.on("close", () => this.#board.disconnect(address, connection));
    socket.on("error", (error) => this.#log("debug", "relay: connection failed", { error: error.message }));
    socket.on("message", (data, isBinary) => {
      if (!this.#board.isHeldBy(address, connection)) return;
      try {
        if (!isBinary || !Buffer.isBuffer(data)) throw new Error("only binary frames are envelopes");
        this.#board.receive(address, data);
      } catch (error) {
        this.#log("debug", "relay: closes a connection", { twin: address.twinId, error: messageOf(error) });
        this.#board.disconnect(address, connection);
        socket.close();
      }
    });
    this.#board.connect(address, connection);
  }
}

function refuse(socket: Duplex, { status, text }: Refusal): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n`;
  socket.end(`${head}content-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
