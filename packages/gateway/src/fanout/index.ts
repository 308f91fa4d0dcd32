export { createFanout } from "./fanout.ts";
export { defaultFanoutLimits, type FanoutLimits } from "./limits.ts";
export type { Fanout, FanoutOptions, FanoutStats } from "./options.ts";
