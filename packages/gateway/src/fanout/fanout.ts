import { Server } from "socket.io";
import { isOriginAllowed } from "./origin-policy.ts";
import { defaultFanoutLimits } from "./limits.ts";
import type { Fanout, FanoutOptions } from "./options.ts";

/** Serves the documented live sockets on `options.httpServer`, default path and namespace. */
export function createFanout(options: FanoutOptions): Fanout {
  const limits = { ...defaultFanoutLimits, ...options.limits };
  const io = new Server({
    perMessageDeflate: false,
    httpCompression: false,
    connectTimeout: 5_000,
    maxHttpBufferSize: limits.messageBytes,
    allowRequest: (request, answer) => answer(null, isOriginAllowed(request, options.allowedOrigins)),
  });
  io.attach(options.httpServer);
  return {
    stats: () => ({
      connectedClients: io.sockets.sockets.size,
      authenticatedClients: 0,
      queuedBytes: 0,
      sentMessages: 0,
      waitingEvents: 0,
      windowMs: 0,
      closedTooSlow: 0,
      closedFlooding: 0,
    }),
    close: async () => {
      io.engine.close();
      await Promise.resolve();
    },
  };
}
