import type { MessageEvent } from "@recado/protocol";
import type { JsonObject, Provider } from "../contract.ts";
import { contextFor } from "./provider-suite.ts";

/** The documented message of the `index`-th draft of a body, as the gateway asks for it. */
export function documentedOf(
  provider: Provider,
  body: JsonObject,
  index: number,
): MessageEvent | undefined {
  const draft = provider.normalise(body, contextFor(body))[index];
  return draft && provider.documentedMessage(body, index, draft);
}
