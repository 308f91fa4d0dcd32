/**
 * Peer (a): the server people write on the first day. Express 5 takes the webhook, Socket.IO emits one
 * event per message to the tenant's room, and 200 goes back; nothing touches a disk. Both packages as
 * they come, with their default settings.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { Server } from "socket.io";
import { toSocketPayload, type EvolutionWebhook } from "./peer-payload.ts";

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
  // Instances are named after their tenant here, so that looking one up costs the peer nothing.
  const tenantId = webhook.instance;
  io.to(`tenant:${tenantId}`).emit("whatsapp:message_received", toSocketPayload(webhook));
  response.json({ success: true, message: "Webhook processado" });
});

httpServer.listen(0, "127.0.0.1", () => {
  const { port } = httpServer.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ msg: "ready", url: `http://127.0.0.1:${port}` })}\n`);
});
process.on("SIGTERM", () => process.exit(0));
