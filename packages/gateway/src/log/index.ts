export * from "./event-log-writer.ts";
export * from "./live.ts";
export * from "./retention.ts";
