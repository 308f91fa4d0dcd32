import type { ErrorBody } from "@recado/protocol";
import { SignJWT } from "jose";
import type { Socket } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addKey,
  adminKey,
  ask,
  jwtSecret,
  once,
  record,
  startHarness,
  type Harness,
} from "../testing/fanout-harness.ts";
import { liveEvent, message, suporte, vendas } from "../testing/live-event.ts";
import { ManualClock } from "../testing/manual-clock.ts";

let harness: Harness;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  harness = await startHarness({ clock });
});
afterEach(() => harness.close());

function jwt(claims: Record<string, unknown>, secret = jwtSecret): Promise<string> {
  return new SignJWT({ userId: "u", email: "u@example.test", role: "USER", ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt(Math.floor(clock.now() / 1_000))
    .sign(new TextEncoder().encode(secret));
}

const inOneHour = (): number => Math.floor(clock.now() / 1_000) + 3_600;

/** Whether events reach this client: what is published first would arrive before what is published last. */
async function hears(socket: Socket, tenantId: string): Promise<boolean> {
  const recording = record(socket);
  harness.tail.publish(message("secret", { tenantId, offset: 1 }));
  // The end of a window, in case this process was busy.
  clock.forward(20);
  await ask(socket, "unsubscribe:instance", "x");
  return recording.heard.some((one) => one.name.startsWith("whatsapp:"));
}

describe("authenticate", () => {
  it("accepts the documented token and says so in an event and in the acknowledgement", async () => {
    const socket = await harness.connect();
    const said = once(socket, "authenticated");
    const token = await jwt({ tenantId: "tenant_a", exp: inOneHour() });
    const answer = await ask(socket, "authenticate", { token, tenantId: "tenant_a" });
    expect(answer).toMatchObject({ success: true, tenantId: "tenant_a", scope: "tenant" });
    expect(await said).toMatchObject({ tenantId: "tenant_a" });
    expect(await hears(socket, "tenant_a")).toBe(true);
  });

  it.each([
    [
      "a token with another secret",
      "token_invalid",
      () => jwt({ tenantId: "tenant_a", exp: inOneHour() }, "other"),
    ],
    ["a token that never ends", "token_invalid", () => jwt({ tenantId: "tenant_a" })],
    [
      "an expired token",
      "token_expired",
      () => jwt({ tenantId: "tenant_a", exp: inOneHour() - 7_200 }),
    ],
    ["no token at all", "token_invalid", () => Promise.resolve("not a token")],
    [
      "a token of a tenant that is gone",
      "tenant_inactive",
      () => jwt({ tenantId: "tenant_gone", exp: inOneHour() }),
    ],
  ])("refuses %s with %s, and nothing is heard", async (_what, code, make) => {
    const socket = await harness.connect();
    const error = once<ErrorBody>(socket, "error");
    const answer = await ask(socket, "authenticate", { token: await make() });
    expect(answer).toMatchObject({ success: false, code });
    expect(await error).toEqual(answer);
    expect(await hears(socket, "tenant_a")).toBe(false);
    expect(harness.fanout.stats()).toMatchObject({ connectedClients: 1, authenticatedClients: 0 });
  });

  it("refuses another tenant than the token's own", async () => {
    const socket = await harness.connect();
    const token = await harness.token("tenant_a", { role: "ADMIN" });
    const answer = await ask(socket, "authenticate", { token, tenantId: "tenant_b" });
    expect(answer).toMatchObject({ success: false, code: "forbidden" });
    expect(await hears(socket, "tenant_b")).toBe(false);
    expect(await hears(socket, "tenant_a")).toBe(false);
  });

  it("lets the operator name any tenant that exists", async () => {
    const socket = await harness.connect();
    const other = await ask(socket, "authenticate", { token: adminKey, tenantId: "nobody" });
    expect(other).toMatchObject({ success: false, code: "tenant_inactive" });
    const answer = await ask(socket, "authenticate", { token: adminKey, tenantId: "tenant_b" });
    expect(answer).toMatchObject({ success: true, tenantId: "tenant_b" });
    expect(await hears(socket, "tenant_b")).toBe(true);
    expect(await hears(socket, "tenant_a")).toBe(false);
  });

  it("accepts an API key that may read, and no other", async () => {
    const socket = await harness.connect();
    const writer = await addKey(harness.store, "tenant_a", ["write"]);
    const reader = await addKey(harness.store, "tenant_a", ["read"]);
    expect(await ask(socket, "authenticate", { token: writer })).toMatchObject({
      code: "forbidden",
    });
    expect(await ask(socket, "authenticate", { token: reader })).toMatchObject({ success: true });
  });

  it("again with another tenant moves the connection, and the old tenant is silent", async () => {
    const socket = await harness.connectAs("tenant_a");
    await ask(socket, "authenticate", { token: await harness.token("tenant_b") });
    expect(await hears(socket, "tenant_b")).toBe(true);
    expect(await hears(socket, "tenant_a")).toBe(false);
  });

  it("again with a bad token changes nothing", async () => {
    const socket = await harness.connectAs("tenant_a");
    await ask(socket, "authenticate", { token: "bad" });
    expect(await hears(socket, "tenant_a")).toBe(true);
  });
});

describe("order of arrival", () => {
  it("a subscribe waits for the authentication in front of it", async () => {
    const socket = await harness.connect();
    const recording = record(socket);
    const token = await harness.token("tenant_a");
    socket.emit("authenticate", { token });
    socket.emit("subscribe:instance", "vendas-2024");
    socket.emit("unsubscribe:instance", "vendas-2024");
    socket.emit("subscribe:instance", "suporte");
    await ask(socket, "subscribe:instance", "unknown");
    expect(recording.heard.map((one) => one.name)).toEqual([
      "authenticated",
      "subscribed",
      "unsubscribed",
      "subscribed",
      "error",
    ]);
  });

  it("a subscribe before authentication is refused", async () => {
    const socket = await harness.connect();
    const answer = await ask(socket, "subscribe:instance", "vendas-2024");
    expect(answer).toMatchObject({ success: false, code: "socket_not_authenticated" });
  });
});

describe("subscribe:instance", () => {
  it("limits a connection that asked for it to what it subscribed", async () => {
    const socket = await harness.connect();
    await ask(socket, "authenticate", {
      token: await harness.token("tenant_a"),
      scope: "instances",
    });
    await ask(socket, "subscribe:instance", "suporte");
    const recording = record(socket);
    harness.tail.publish(
      message("1", { offset: 1, instance: vendas }),
      message("2", { offset: 2, instance: suporte }),
      liveEvent({
        type: "endpoint.failing",
        data: { endpointId: "e" },
        instance: undefined,
        offset: 3,
      }),
      message("4", { offset: 4, instance: suporte }),
    );
    await recording.until((one) => one.payload.offset === 4);
    expect(recording.heard.map((one) => one.payload.offset)).toEqual([2, 4]);
  });

  it("refuses an instance of another tenant like one that does not exist", async () => {
    const socket = await harness.connectAs("tenant_b");
    const foreign = await ask(socket, "subscribe:instance", "suporte");
    const missing = await ask(socket, "subscribe:instance", "nobody");
    expect(foreign).toMatchObject({ success: false, code: "socket_instance_unknown" });
    expect({ ...foreign, details: [] }).toEqual({ ...missing, details: [] });
  });

  it("finds an instance whatever form of Unicode the client writes", async () => {
    await harness.store.directory.createInstance(
      { tenantId: "tenant_a" },
      {
        ...vendas,
        id: "inst_c",
        tenantId: "tenant_a",
        name: "José",
        providerName: "José",
        ingestToken: "in_c",
        createdAt: 2,
      },
    );
    const socket = await harness.connectAs("tenant_a");
    const answer = await ask(socket, "subscribe:instance", "José".normalize("NFD"));
    expect(answer).toMatchObject({ success: true, instanceName: "José" });
  });
});

describe("a token limited to instances", () => {
  it("hears those alone, whatever it subscribes", async () => {
    const token = await harness.token("tenant_a", { instances: ["inst_suporte"] });
    const socket = await harness.connect();
    await ask(socket, "authenticate", { token });
    const refused = await ask(socket, "subscribe:instance", "vendas-2024");
    expect(refused).toMatchObject({ code: "socket_instance_unknown" });
    const recording = record(socket);
    harness.tail.publish(
      message("1", { offset: 1, instance: vendas }),
      message("2", { offset: 2, instance: suporte }),
    );
    await recording.until((one) => one.payload.offset === 2);
    expect(recording.heard.map((one) => one.payload.offset)).toEqual([2]);
  });
});

describe("a token in the handshake", () => {
  it.each([
    ["auth", (token: string) => ({ auth: { token } })],
    ["query", (token: string) => ({ query: { token } })],
  ])("authenticates at once from %s, and again after a reconnect", async (_where, options) => {
    const token = await harness.token("tenant_a");
    const socket = await harness.connectAs("tenant_a", {
      ...options(token),
      reconnectionDelay: 1,
      randomizationFactor: 0,
    });
    const again = once(socket, "authenticated");
    socket.io.engine.close();
    await again;
    expect(await hears(socket, "tenant_a")).toBe(true);
    expect(harness.fanout.stats().connectedClients).toBe(1);
  });

  it("that is bad leaves the client connected, told why, and free to authenticate", async () => {
    const options = { auth: { token: "bad" } };
    const socket = await harness.connect(options);
    const answer = await ask(socket, "authenticate", { token: await harness.token("tenant_a") });
    expect(answer).toMatchObject({ success: true });
    expect(await hears(socket, "tenant_a")).toBe(true);
  });
});

describe("the end of a credential", () => {
  it("ends delivery at its expiry, with the reason", async () => {
    const token = await harness.token("tenant_a", { ttlSeconds: 60 });
    const socket = await harness.connectAs("tenant_a", { auth: { token }, reconnection: false });
    const error = once<ErrorBody>(socket, "error");
    const gone = once<string>(socket, "disconnect");
    clock.forward(61_000);
    expect((await error).code).toBe("token_expired");
    expect(await gone).toBe("transport close");
    expect(harness.fanout.stats().authenticatedClients).toBe(0);
  });

  it("a longer token in time keeps the connection", async () => {
    const token = await harness.token("tenant_a", { ttlSeconds: 30 });
    const socket = await harness.connectAs("tenant_a", { auth: { token }, reconnection: false });
    await ask(socket, "authenticate", {
      token: await harness.token("tenant_a", { ttlSeconds: 600 }),
    });
    clock.forward(31_000);
    expect(await hears(socket, "tenant_a")).toBe(true);
  });

  it("a revoked key ends with the next look at it", async () => {
    const key = await addKey(harness.store, "tenant_a", ["read"]);
    const socket = await harness.connectAs("tenant_a", {
      auth: { token: key },
      reconnection: false,
    });
    const [stored] = await harness.store.directory.keys({ tenantId: "tenant_a" }, { limit: 10 });
    await harness.store.directory.deleteKey({ tenantId: "tenant_a" }, stored?.id ?? "");
    const error = once<ErrorBody>(socket, "error");
    clock.forward(60_000);
    expect((await error).code).toBe("token_invalid");
  });

  it("a tenant that is switched off is silent after the next look", async () => {
    const socket = await harness.connectAs("tenant_a", { reconnection: false });
    await harness.store.directory.updateTenant("tenant_a", { active: false });
    const error = once<ErrorBody>(socket, "error");
    clock.forward(60_000);
    expect((await error).code).toBe("tenant_inactive");
  });

  it("a connection that never authenticates is closed after a while", async () => {
    const socket = await harness.connect({ reconnection: false });
    const error = once<ErrorBody>(socket, "error");
    const gone = once<string>(socket, "disconnect");
    await ask(socket, "unsubscribe:instance", "x");
    clock.forward(60_000);
    expect((await error).code).toBe("socket_not_authenticated");
    expect(await gone).toBe("transport close");
  });
});
