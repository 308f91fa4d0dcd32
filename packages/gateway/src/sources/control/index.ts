export {
  createServerControls,
  type ServerControls,
  type ServerControlsOptions,
} from "./controls.ts";
export type { CallPriority, ServerStanding } from "./pacing/standing.ts";
export type * from "./server-control.ts";
