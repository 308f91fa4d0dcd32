import type { Provider } from "../contract.ts";
import { capabilities } from "./capabilities.ts";
import { documentedMessage } from "./documented-message.ts";
import { identify } from "./identify.ts";
import { normalise } from "./normalise.ts";
import { isEvolutionBody } from "./wire.ts";

/**
 * Evolution API: versions 1.8 to 2.4, channels Baileys, Meta and EVOLUTION.
 *
 * Everything here is pure and about one body at a time. The provider's facts, with their sources, are
 * in README.md; what each recorded body becomes is in fixtures/expectations.json.
 */
export const evolution: Provider = {
  name: "evolution",
  capabilities,
  recognises: isEvolutionBody,
  // Loaded with its library at the first signed number: most have no secret.
  authenticate: async (request, secret) =>
    (await import("./authenticate.ts")).authenticate(request, secret),
  identify,
  normalise,
  documentedMessage,
};
