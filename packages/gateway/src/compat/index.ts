export { ownAddresses } from "./management/configured/own-webhook.ts";
export { ownWebhookByControl } from "./management/configured/own-webhook-by-control.ts";
export { managementRoutes } from "./management/index.ts";
export { whatsappWebhooks } from "./whatsapp-webhooks.ts";
