import type { ProviderName } from "@recado/protocol";
import type { JsonObject, Provider } from "./contract.ts";
import { evolution } from "./evolution/index.ts";
import { waha } from "./waha/index.ts";

/** Every provider, in the order in which bodies are offered to them. */
export const providers: readonly Provider[] = [evolution, waha];

const byName: Readonly<Record<ProviderName, Provider>> = { evolution, waha };

export function providerOf(name: ProviderName): Provider {
  return byName[name];
}

/** The provider whose envelope `body` has, if any. */
export function recognise(body: JsonObject): Provider | undefined {
  return providers.find((provider) => provider.recognises(body));
}
