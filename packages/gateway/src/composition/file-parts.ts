import { systemIds } from "../base/ids.ts";
import { createProviderFiles, type Media, type ProviderFiles } from "../media/index.ts";
import { createProviderFileSource, type ServerControls } from "../sources/index.ts";
import type { Foundation, Ways } from "./foundation.ts";

interface Given extends Foundation, Ways {
  readonly media: Media;
  readonly controls: ServerControls;
}

/** Files behind providers' links: what is fetched is kept as other files of messages are. */
export function createPartsProviderFiles(given: Given): ProviderFiles {
  const { store, media, outbound, controls, config, clock, logger } = given;
  const { files, keys } = media;
  const source = createProviderFileSource({ outbound, controls, maxBytes: config.mediaLimitBytes });
  return createProviderFiles({ store, files, keys, source, clock, ids: systemIds, logger });
}
