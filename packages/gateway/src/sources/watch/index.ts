export { createNumberWatch, type NumberWatch, type NumberWatchOptions } from "./watch.ts";
export type { NumberHealth } from "./number-health.ts";
export type { Incident } from "./number/watched-number.ts";
export type { ReconcileReport } from "./reconcile/reconcile-record.ts";
