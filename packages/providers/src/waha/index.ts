import type { Provider } from "../contract.ts";
import { authenticate } from "./authenticate.ts";
import { capabilities } from "./capabilities.ts";
import { documentedMessage } from "./documented-message.ts";
import { identify, recognises } from "./identify.ts";
import { normalise } from "./normalise.ts";

/** WAHA (WhatsApp HTTP API), engines NOWEB, GOWS, WEBJS and WPP, from 2023 to 2026.7. */
export const waha: Provider = {
  name: "waha",
  capabilities,
  recognises,
  authenticate,
  identify,
  normalise,
  documentedMessage,
};
