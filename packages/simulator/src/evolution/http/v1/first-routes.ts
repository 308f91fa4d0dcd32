import type { Route } from "../evolution-call.ts";
import { serverRoutes } from "../server-routes.ts";
import { firstChatRoutes } from "./chat-routes.ts";
import { firstConfigRoutes } from "./config-routes.ts";
import { firstInstanceRoutes } from "./instance-routes.ts";

/** The management API of 1.x, as its source of 1.8 answers: nothing of it was recorded. */
export const firstRoutes: readonly Route[] = [
  ...serverRoutes.filter(({ path }) => path === "/"),
  ...firstInstanceRoutes,
  ...firstConfigRoutes,
  ...firstChatRoutes,
];
