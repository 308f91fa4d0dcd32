export { createMedia, type LargeBody, type Media, type MediaOptions } from "./media.ts";
export { mediaRoutes } from "./serve/media-routes.ts";
