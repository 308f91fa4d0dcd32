export * from "./content.ts";
export * from "./cursor.ts";
export * from "./documented.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./event-data.ts";
export * from "./event-types.ts";
export * from "./webhook.ts";
