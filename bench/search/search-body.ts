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

/** A small generator of pseudo-random numbers: the same inbox for the same seed on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function base64(random: () => number, bytes: number): string {
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256))).toString(
    "base64",
  );
}

/** About 250 characters, as the messages of the other benches. */
function sentence(random: () => number): string {
  let text = "";
  while (text.length < 240) text += `${words[Math.floor(random() * words.length)] ?? ""} `;
  return text.trimEnd();
}

export function messageIdOf(number: number): string {
  const random = randomFrom(number + 1);
  return Array.from({ length: 20 }, () => "0123456789ABCDEF"[Math.floor(random() * 16)]).join("");
}

export function phoneOf(person: number): string {
  return `55119${String(person).padStart(8, "0")}`;
}

export function searchBody({ number, instance, person, at }: SearchBody): object {
  const random = randomFrom(number * 7 + 3);
  const seconds = Math.floor(at / 1_000);
  return {
    event: "messages.upsert",
    instance,
    data: {
      key: {
        remoteJid: `${phoneOf(person)}@s.whatsapp.net`,
        remoteJidAlt: `9${String(person).padStart(14, "0")}@lid`,
        fromMe: random() < 0.4,
        id: messageIdOf(number),
        participant: "",
        addressingMode: "pn",
      },
      pushName: `Cliente ${person}`,
      status: "DELIVERY_ACK",
      message: {
        conversation: sentence(random),
        messageContextInfo: {
          deviceListMetadata: {
            senderKeyHash: base64(random, 10),
            senderTimestamp: String(seconds - Math.floor(random() * 1e6)),
            recipientKeyHash: base64(random, 10),
            recipientTimestamp: String(seconds - Math.floor(random() * 1e6)),
          },
          deviceListMetadataVersion: 2,
          messageSecret: base64(random, 32),
        },
      },
      contextInfo: {
        expiration: 0,
        ephemeralSettingTimestamp: String(seconds - Math.floor(random() * 1e6)),
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
