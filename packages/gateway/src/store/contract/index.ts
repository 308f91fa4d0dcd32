export * from "./deliveries.ts";
export * from "./directory.ts";
export * from "./event-log.ts";
export * from "./records.ts";
export * from "./scope.ts";
export * from "./store.ts";
