export * from "./deliveries.ts";
export * from "./directory.ts";
export * from "./event-log.ts";
export * from "./identity-forms.ts";
export * from "./people.ts";
export * from "./records.ts";
export * from "./scope.ts";
export * from "./store.ts";
