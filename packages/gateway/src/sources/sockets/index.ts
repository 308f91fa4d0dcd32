export {
  createProviderSockets,
  type ProviderSockets,
  type ProviderSocketsOptions,
} from "./provider-sockets.ts";
export type { HookActions } from "./hooks/follow-hooks.ts";
export type { SocketGap } from "./server-socket.ts";
export {
  socketHealthOf,
  type InstanceSocketStatus,
  type SocketReason,
  type SocketStatus,
} from "./status.ts";
