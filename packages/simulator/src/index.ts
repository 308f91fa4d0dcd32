export { type Clock, compressedClock, systemClock } from "./clock.ts";
export { createRandom, type Random } from "./random.ts";
export type {
  AttemptRecord,
  DeliveryReport,
  NextStep,
  Outcome,
  RetryRule,
} from "./sending/attempt.ts";
export * from "./receiver/answer.ts";
export * from "./receiver/receiver.ts";
export * from "./evolution/evolution-sender.ts";
export * from "./evolution/evolution-retry.ts";
export type {
  EvolutionEvent,
  EvolutionSource,
  EvolutionWebhook,
} from "./evolution/evolution-webhook.ts";
export * from "./waha/waha-sender.ts";
export * from "./waha/waha-retry.ts";
export type { WahaMe, WahaSource, WahaWebhook } from "./waha/waha-webhook.ts";
export { type FixtureWebhook, loadFixtures } from "./traffic/load-fixtures.ts";
export * from "./traffic/replay-fixtures.ts";
export type { ReceivedRequest } from "./receiver/received-request.ts";
export * from "./evolution/fake-evolution.ts";
export type { FakeEvolutionInstance } from "./evolution/state/fake-instance.ts";
export type { StoredMessage as EvolutionStoredMessage } from "./evolution/state/message-list.ts";
export type { WebhookRow as EvolutionWebhookRow } from "./evolution/state/webhook-set.ts";
export type { WebsocketRow as EvolutionWebsocketRow } from "./evolution/state/websocket-set.ts";
export type { Who as EvolutionOwner } from "./evolution/life/connection.ts";
export type { EvolutionIncoming } from "./evolution/life/incoming.ts";
export type { QrOptions as EvolutionQrOptions } from "./evolution/life/pairing.ts";
export type { PhoneActions as EvolutionPhoneActions } from "./evolution/life/phone.ts";
export type {
  StartOptions as EvolutionStartOptions,
  TroubleActions as EvolutionTroubleActions,
} from "./evolution/life/trouble.ts";
export type { EvolutionSocketOptions } from "./evolution/sockets/evolution-sockets.ts";
export type { Call, CallLog } from "./serving/call-log.ts";
export type { Fault } from "./serving/fault.ts";
export type { JsonReply } from "./serving/json-request.ts";
export * from "./waha/fake-waha.ts";
export type { FakeWahaSession } from "./waha/session/fake-session.ts";
export type { WahaHappenings } from "./waha/life/happenings.ts";
export type { WahaIncoming, WahaIncomingMedia } from "./waha/life/incoming.ts";
export type { WahaPhoneActions } from "./waha/life/phone.ts";
export type { WahaStartOptions, WahaTroubleActions } from "./waha/life/trouble.ts";
export type { StoredMessage as WahaStoredMessage } from "./waha/mailbox/stored-message.ts";
export type { WahaKey } from "./waha/session/waha-keys.ts";
export { createCast } from "./traffic/cast.ts";
export type * from "./traffic/happening.ts";
export * from "./traffic/story.ts";
export * from "./traffic/traffic.ts";
export { type EvolutionNumber, evolutionEvents } from "./evolution/evolution-traffic.ts";
export { type WahaAct, wahaAct, wahaMe } from "./waha/waha-traffic.ts";
export { type Demo, type DemoOptions, startDemo } from "./demo/demo.ts";
export {
  type PacedOptions,
  type PacedPerformance,
  startPacedTraffic,
} from "./traffic/paced-traffic.ts";
export * from "./control/control.ts";
export type * from "./control/simulated.ts";
export { simulatedEvolution } from "./control/simulated-evolution.ts";
export { simulatedWaha } from "./control/simulated-waha.ts";
