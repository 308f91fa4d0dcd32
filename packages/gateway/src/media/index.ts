export { createMedia, type LargeBody, type Media, type MediaOptions } from "./media.ts";
export { mediaRoutes } from "./serve/media-routes.ts";
export {
  createProviderFiles,
  type ProviderFiles,
  type ProviderFilesOptions,
} from "./remote/provider-files.ts";
export type { FileSource } from "./remote/file-source.ts";
