/** What a person reads when the server is up. */
export interface Welcome {
  readonly url: string;
  readonly ingestUrl: string;
  /** Only on the start that made it. */
  readonly newAdminKey?: string;
  readonly secretsPath: string;
  readonly notices: readonly string[];
  /** Unix milliseconds. */
  readonly now: number;
}

/** A message as Evolution API sends it, with made-up people; a new id each time, so that it is not a repeat. */
export function sampleEvent(now: number): string {
  return JSON.stringify({
    event: "messages.upsert",
    instance: "minha-loja",
    data: {
      key: {
        remoteJid: "5511900000001@s.whatsapp.net",
        fromMe: false,
        id: `SAMPLE${now.toString(16).toUpperCase()}`,
      },
      pushName: "Maria Teste",
      status: "DELIVERY_ACK",
      message: { conversation: "Oi! Chegou?" },
      messageType: "conversation",
      messageTimestamp: Math.floor(now / 1_000),
      source: "android",
    },
  });
}

/** Plain text; nothing in it depends on a terminal. */
export function welcomeText(welcome: Welcome): string {
  const key = welcome.newAdminKey ?? "<ADMIN_KEY>";
  const lines = [
    "",
    `Recado is ready at ${welcome.url}`,
    "",
    "Webhook address for Evolution API or WAHA (any number of yours):",
    `  ${welcome.ingestUrl}`,
    "",
    "Send a sample event:",
    `  curl -X POST '${welcome.ingestUrl}' -H 'Content-Type: application/json' -d '${sampleEvent(welcome.now)}'`,
    "",
    "See what was stored:",
    `  curl '${welcome.url}/api/v1/events' -H 'apikey: ${key}'`,
    "",
    ...(welcome.newAdminKey === undefined
      ? [`The admin key is in ${welcome.secretsPath}, or is the one you set as ADMIN_KEY.`]
      : [
          `Admin key (shown this once, kept in ${welcome.secretsPath}):`,
          `  ${welcome.newAdminKey}`,
        ]),
    `API reference: ${welcome.url}/api/docs`,
    ...welcome.notices.flatMap((notice) => ["", `Note: ${notice}`]),
    "",
  ];
  return `${lines.join("\n")}\n`;
}
