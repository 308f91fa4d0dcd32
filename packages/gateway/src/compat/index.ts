export { whatsappWebhooks } from "./whatsapp-webhooks.ts";
