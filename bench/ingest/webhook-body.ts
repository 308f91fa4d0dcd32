/**
 * The generator's webhooks: a text message as Evolution API 2 sends it, 1.5 KB. The id of message
 * number `n` is `RCDB` and 16 digits, so that a reader finds it without parsing.
 */
const idPrefix = "RCDB";
const idDigits = 16;

export function messageId(number: number): string {
  return idPrefix + String(number).padStart(idDigits, "0");
}

/** The number of the message that a socket packet holds, or −1. */
export function numberInPacket(packet: string): number {
  const at = packet.indexOf(`"${idPrefix}`);
  if (at < 0) return -1;
  const start = at + 1 + idPrefix.length;
  return Number(packet.slice(start, start + idDigits));
}

/** An HTTP request in two parts, to be joined by a message's id. ASCII, so that characters are bytes. */
export interface RequestTemplate {
  readonly before: string;
  readonly after: string;
}

export function requestTemplate(host: string, path: string, instance: string): RequestTemplate {
  const mark = "@@id@@";
  const text = JSON.stringify(webhook(instance, mark));
  const length = text.length - mark.length + idPrefix.length + idDigits;
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/json",
    "user-agent: axios/1.7.9",
    `content-length: ${length}`,
  ].join("\r\n");
  const [before, after] = `${head}\r\n\r\n${text}`.split(mark);
  if (before === undefined || after === undefined) throw new Error("the body holds its mark once");
  return { before, after };
}

function webhook(instance: string, id: string): object {
  return {
    event: "messages.upsert",
    instance,
    data: {
      key: {
        remoteJid: "5511900000001@s.whatsapp.net",
        remoteJidAlt: "900000000000001@lid",
        fromMe: false,
        id,
        participant: "",
        addressingMode: "pn",
      },
      pushName: "Maria Teste",
      status: "DELIVERY_ACK",
      message: {
        conversation:
          "Bom dia! Gostaria de saber se o pedido de ontem ja saiu para entrega, porque preciso " +
          "avisar a portaria do predio antes do meio-dia. Se puder, mande tambem o codigo de " +
          "rastreio e o nome de quem vai entregar. Obrigada pela atencao de sempre!",
        messageContextInfo: {
          deviceListMetadata: {
            senderKeyHash: "qW3rT5yU7iO9pA==",
            senderTimestamp: "1790000000",
            recipientKeyHash: "zX1cV3bN5mL7kQ==",
            recipientTimestamp: "1790000001",
          },
          deviceListMetadataVersion: 2,
          messageSecret: "c2VjcmV0IG9mIGEgbWVzc2FnZSB0aGF0IG5vYm9keSByZWFkcw==",
        },
      },
      contextInfo: {
        expiration: 0,
        ephemeralSettingTimestamp: "1790000000",
        disappearingMode: { initiator: "CHANGED_IN_CHAT", trigger: "UNKNOWN" },
      },
      messageType: "conversation",
      messageTimestamp: 1_790_000_000,
      instanceId: "1c0a7c5e-5a0f-4b43-9d0e-5f6a1b2c3d4e",
      source: "android",
    },
    destination: "https://recado.example.com/in/address",
    date_time: "2026-09-21T12:00:00.000Z",
    sender: "5511900000009@s.whatsapp.net",
    server_url: "https://evo.example.com",
    apikey: "A1B2C3D4-E5F6-4711-8899-AABBCCDDEEFF",
  };
}
