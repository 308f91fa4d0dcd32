export { ownWebhookByAdoption } from "./management/configured/own-webhook-by-adoption.ts";
export { managementRoutes } from "./management/index.ts";
export { whatsappWebhooks } from "./whatsapp-webhooks.ts";
