import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { silentLog } from "../../../../lib/core/log";
import { makeCertificate } from "../../../../lib/provider/server/process/certificate";
import { createGrpcServer, type GrpcMethod, type MutualTls } from "../../../../lib/provider/server/wire/grpc-server";

const methods = new Map<string, GrpcMethod>([
  ["/test.Echo/Say", async (request) => Buffer.concat([Buffer.from("said "), request])],
  ["/test.Echo/Fail", () => Promise.reject(new Error("50 % broken: ü"))],
  ["/test.Echo/Hold", "held-open"],
]);

const same = (bytes: Buffer) => bytes;

/** A server, and a client of the official library for Node. */
async function connected(tls?: MutualTls, channel = credentials.createInsecure()) {
  const server = createGrpcServer({ methods, tls, log: silentLog });
  await new Promise<void>((resolve) => server.http.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const { port } = server.http.address() as AddressInfo;
  const client = new Client(`localhost:${port}`, channel, { "grpc.max_receive_message_length": -1 });
  const call = (path: string, request: Buffer) =>
    new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(path, same, same, request, new Metadata(), (error, answer) =>
        error ? reject(error) : resolve(answer ?? Buffer.alloc(0)),
      );
    });
  open.push(async () => {
    client.close();
    await server.close();
  });
  return { client, call };
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

describe("the gRPC server", () => {
  it("answers calls of the official client, many at a time, empty and large ones", async () => {
    const { call } = await connected();
    const requests = [
      Buffer.alloc(0),
      randomBytes(20_000_000),
      ...Array.from({ length: 100 }, (_, i) => Buffer.from(`${i}`)),
    ];
    const answers = await Promise.all(requests.map((request) => call("/test.Echo/Say", request)));
    for (const [index, request] of requests.entries()) {
      expect(answers[index]?.equals(Buffer.concat([Buffer.from("said "), request]))).toBe(true);
    }
  });

  it("says that a method is not served", async () => {
    const { call } = await connected();
    await expect(call("/test.Echo/Other", Buffer.alloc(0))).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it("reports what a method throws, whatever characters it has", async () => {
    const { call } = await connected();
    const failure: ServiceError = await call("/test.Echo/Fail", Buffer.alloc(0)).catch((error) => error);
    expect(failure).toMatchObject({ code: status.INTERNAL, details: "50 % broken: ü" });
  });

  it("holds a stream open until the client ends it", async () => {
    const { client, call } = await connected();
    const stream = client.makeBidiStreamRequest("/test.Echo/Hold", same, same);
    const ended = new Promise((resolve) => stream.on("end", resolve));
    const seen: string[] = [];
    void ended.then(() => seen.push("ended"));
    stream.resume();
    stream.write(Buffer.from("ignored"));
    await call("/test.Echo/Say", Buffer.from("meanwhile"));
    expect(seen).toEqual([]);
    stream.end();
    await ended;
  });

  it("survives a client that breaks off in the middle of a call", async () => {
    const { client, call } = await connected();
    const broken = client.makeUnaryRequest("/test.Echo/Say", same, same, randomBytes(1_000_000), () => undefined);
    broken.cancel();
    expect((await call("/test.Echo/Say", Buffer.from("still here"))).toString()).toBe("said still here");
  });

  it("lets in the one client whose certificate it was given, and nobody else", async () => {
    const [own, friend, stranger] = [makeCertificate(), makeCertificate(), makeCertificate()];
    const tls = { cert: own.cert, key: own.key, clientCert: friend.cert };
    const as = (who?: typeof own) =>
      credentials.createSsl(Buffer.from(own.cert), who && Buffer.from(who.key), who && Buffer.from(who.cert));
    const good = await connected(tls, as(friend));
    expect((await good.call("/test.Echo/Say", Buffer.from("hello"))).toString()).toBe("said hello");
    for (const channel of [as(stranger), as(undefined), credentials.createInsecure()]) {
      const bad = await connected(tls, channel);
      await expect(bad.call("/test.Echo/Say", Buffer.from("hello"))).rejects.toMatchObject({
        code: status.UNAVAILABLE,
      });
    }
  });
});
