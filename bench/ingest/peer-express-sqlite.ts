/**
 * Peer (b): peer (a) made durable in the obvious way: one synchronous SQLite transaction per webhook,
 * flushed to disk (WAL, synchronous=FULL) before the event is emitted and 200 goes back.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import express from "express";
import { Server } from "socket.io";
import { toSocketPayload, type EvolutionWebhook } from "./peer-payload.ts";

const db = new DatabaseSync(join(process.argv[2] ?? ".", "events.db"));
db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
db.exec(`CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, message_id TEXT NOT NULL,
  received_at INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (tenant, message_id))`);
const insert = db.prepare(
  "INSERT OR IGNORE INTO events (tenant, message_id, received_at, body) VALUES (?, ?, ?, ?)",
);

const app = express();
app.use(express.json({ limit: "10mb" }));
const httpServer = createServer(app);
const io = new Server(httpServer, { cors: { origin: "*" } });

io.on("connection", (socket) => {
  socket.on("authenticate", async ({ tenantId }: { tenantId: string }) => {
    await socket.join(`tenant:${tenantId}`);
    socket.emit("authenticated", { tenantId });
  });
});

app.post("/api/webhooks/whatsapp", (request, response) => {
  const webhook = request.body as EvolutionWebhook;
  const tenantId = webhook.instance;
  insert.run(tenantId, webhook.data.key.id, Date.now(), JSON.stringify(webhook));
  io.to(`tenant:${tenantId}`).emit("whatsapp:message_received", toSocketPayload(webhook));
  response.json({ success: true, message: "Webhook processado" });
});

httpServer.listen(0, "127.0.0.1", () => {
  const { port } = httpServer.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ msg: "ready", url: `http://127.0.0.1:${port}` })}\n`);
});
process.on("SIGTERM", () => process.exit(0));
