import { hash } from "node:crypto";
import type { JsonObject } from "@recado/providers";

/**
 * Webhooks of a whole inbox: text messages as Evolution API 2 sends them, 1.5 KB each, of many people with
 * words, secrets and times of their own. Equal bodies would compress to nothing and make a store look
 * better than it is.
 */
export interface SearchBody {
  readonly number: number;
  readonly instance: string;
  readonly person: number;
  /** Unix milliseconds. */
  readonly at: number;
}

const words = (
  "bom dia gostaria de saber se o pedido de ontem ja saiu para entrega porque preciso avisar a portaria do predio " +
  "antes do meio-dia pode mandar tambem o codigo rastreio e nome quem vai entregar obrigada pela atencao sempre " +
  "quanto custa o frete ate o centro voces abrem no sabado tem desconto a vista ainda nao recebi o boleto segunda " +
  "via por favor confirma meu horario com a doutora amanha as nove o endereco mudou agora e rua das flores numero"
).split(" ");

/** Bytes that belong to a number: the same inbox on every machine. */
function bytesOf(of: string): Buffer {
  return hash("sha256", of, "buffer");
}

/** About 250 characters, as the messages of the other benches. */
function sentence(number: number): string {
  let state = (number * 2_654_435_761) >>> 0;
  let text = "";
  while (text.length < 240) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${words[(state >>> 8) % words.length] ?? ""} `;
  }
  return text.trimEnd();
}

export function messageIdOf(number: number): string {
  return bytesOf(`id ${number}`).toString("hex", 0, 10).toUpperCase();
}

export function phoneOf(person: number): string {
  return `55119${String(person).padStart(8, "0")}`;
}

export function searchBody({ number, instance, person, at }: SearchBody): JsonObject {
  const secret = bytesOf(`secret ${number}`);
  const other = bytesOf(`other ${number}`);
  const seconds = Math.floor(at / 1_000);
  /** Some time in the two weeks before. */
  const earlier = (index: number): string =>
    String(seconds - (other.readUInt32LE(index) % 1_000_000));
  return {
    event: "messages.upsert",
    instance,
    data: {
      key: {
        remoteJid: `${phoneOf(person)}@s.whatsapp.net`,
        remoteJidAlt: `9${String(person).padStart(14, "0")}@lid`,
        fromMe: other.readUInt8(20) < 100,
        id: messageIdOf(number),
        participant: "",
        addressingMode: "pn",
      },
      pushName: `Cliente ${person}`,
      status: "DELIVERY_ACK",
      message: {
        conversation: sentence(number),
        messageContextInfo: {
          deviceListMetadata: {
            senderKeyHash: other.toString("base64", 0, 10),
            senderTimestamp: earlier(0),
            recipientKeyHash: other.toString("base64", 10, 20),
            recipientTimestamp: earlier(4),
          },
          deviceListMetadataVersion: 2,
          messageSecret: secret.toString("base64"),
        },
      },
      contextInfo: {
        expiration: 0,
        ephemeralSettingTimestamp: earlier(8),
        disappearingMode: { initiator: "CHANGED_IN_CHAT", trigger: "UNKNOWN" },
      },
      messageType: "conversation",
      messageTimestamp: seconds,
      instanceId: "1c0a7c5e-5a0f-4b43-9d0e-5f6a1b2c3d4e",
      source: "android",
    },
    destination: "https://recado.example.com/in/address",
    date_time: new Date(at).toISOString(),
    sender: "5511900000009@s.whatsapp.net",
    server_url: "https://evo.example.com",
    apikey: "A1B2C3D4-E5F6-4711-8899-AABBCCDDEEFF",
  };
}
