export * from "./cursor-of.ts";
export * from "./event-log-writer.ts";
export * from "./live.ts";
export * from "./retention.ts";
