export * from "./cursor-of.ts";
export * from "./event-log-writer.ts";
export * from "./known-phones.ts";
export * from "./live.ts";
export * from "./retention.ts";
