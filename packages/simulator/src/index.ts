export { type Clock, compressedClock, systemClock } from "./clock.ts";
export { createRandom, type Random } from "./random.ts";
export type { AttemptRecord, DeliveryReport, NextStep, Outcome, RetryRule } from "./sending/attempt.ts";
export * from "./receiver/answer.ts";
export * from "./receiver/receiver.ts";
