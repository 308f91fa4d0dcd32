import type { ConnectionReason, ConnectionState } from "@recado/protocol";

/** A sentence for people, in both languages. */
export interface Sentence {
  readonly en: string;
  readonly pt: string;
}

const states: Readonly<Record<ConnectionState | "unknown", Sentence>> = {
  open: { en: "Connected", pt: "Conectado" },
  connecting: { en: "Connecting", pt: "Conectando" },
  close: { en: "Disconnected", pt: "Desconectado" },
  unknown: { en: "Nothing is known of this number yet", pt: "Ainda não se sabe nada deste número" },
};

/** Why a number is not connected, and what helps. Words as people use them on their phones. */
const reasons: Readonly<Record<ConnectionReason, Sentence>> = {
  logged_out: {
    en: "the linked device was removed on the phone; read the QR code again",
    pt: "aparelho desconectado pelo celular; leia o QR Code novamente",
  },
  banned: {
    en: "WhatsApp banned or restricted this number; open WhatsApp on the phone to see why",
    pt: "número banido ou restrito pelo WhatsApp; abra o WhatsApp no celular para ver o motivo",
  },
  replaced: {
    en: "another program connected with the same pairing; only one may run",
    pt: "outro programa conectou com o mesmo pareamento; apenas um pode ficar ativo",
  },
  restart_required: {
    en: "WhatsApp asked for a restart of the connection; it follows by itself",
    pt: "o WhatsApp pediu para reiniciar a conexão; isso acontece sozinho",
  },
  timed_out: {
    en: "the connection to WhatsApp timed out",
    pt: "a conexão com o WhatsApp expirou",
  },
  connection_lost: {
    en: "the connection to WhatsApp was lost",
    pt: "a conexão com o WhatsApp foi perdida",
  },
  bad_session: {
    en: "the stored pairing is damaged; log out and read the QR code again",
    pt: "o pareamento salvo está corrompido; desconecte e leia o QR Code novamente",
  },
  multi_device_mismatch: {
    en: "the phone's WhatsApp does not fit linked devices; update it and read the QR code again",
    pt: "o WhatsApp do celular não é compatível com aparelhos conectados; atualize e leia o QR Code novamente",
  },
  service_unavailable: {
    en: "WhatsApp is not available at the moment",
    pt: "o WhatsApp está indisponível no momento",
  },
  qr_limit: {
    en: "nobody read the QR code in time; generate a new one",
    pt: "QR Code expirado, ninguém leu a tempo; gere um novo",
  },
  failed: {
    en: "the provider gave up connecting; restart the number",
    pt: "o provedor desistiu de conectar; reinicie o número",
  },
  stopped: {
    en: "the number was stopped at the provider",
    pt: "o número foi parado no provedor",
  },
  unknown: {
    en: "for a reason that the provider does not explain",
    pt: "por um motivo que o provedor não explica",
  },
};

/** What more there is to say of a state than the state. */
export interface SentenceFacts {
  readonly state?: ConnectionState | undefined;
  readonly reason?: ConnectionReason | undefined;
  /** The provider's number; told where it is the only thing known. */
  readonly code?: number | undefined;
  /** Changes of a storm that is going on. */
  readonly stormChanges?: number | undefined;
  /** Codes shown in a loop that is going on. */
  readonly loopCodes?: number | undefined;
  /** Minutes without an event, while that is out of the ordinary. */
  readonly silentMinutes?: number | undefined;
  readonly isFrozen?: boolean | undefined;
}

function afterState(facts: SentenceFacts): readonly Sentence[] {
  const { reason, code, stormChanges, loopCodes, silentMinutes, isFrozen } = facts;
  const parts: Sentence[] = [];
  if (reason !== undefined && facts.state !== "open") {
    const said = reasons[reason];
    const number = reason === "unknown" && code !== undefined ? ` (${code})` : "";
    parts.push({ en: `${said.en}${number}`, pt: `${said.pt}${number}` });
  }
  if (isFrozen) {
    parts.push({
      en: "but frozen: the provider says connected and nothing flows",
      pt: "mas travado: o provedor diz conectado e nada chega",
    });
  } else if (silentMinutes !== undefined) {
    parts.push({
      en: `but no events for ${silentMinutes} min`,
      pt: `mas sem eventos há ${silentMinutes} min`,
    });
  }
  if (stormChanges !== undefined) {
    parts.push({
      en: `unstable: ${stormChanges} changes in a row`,
      pt: `instável: ${stormChanges} mudanças seguidas`,
    });
  }
  if (loopCodes !== undefined) {
    parts.push({
      en: `the provider shows one QR code after the other (${loopCodes}); restart the number`,
      pt: `o provedor gera um QR Code atrás do outro (${loopCodes}); reinicie o número`,
    });
  }
  return parts;
}

/** One sentence about a number, in both languages. Pure. */
export function stateSentence(facts: SentenceFacts): Sentence {
  const parts = [states[facts.state ?? "unknown"], ...afterState(facts)];
  const [first = states.unknown, ...rest] = parts;
  const said = (language: keyof Sentence): string =>
    rest.length === 0
      ? first[language]
      : `${first[language]}: ${rest.map((part) => part[language]).join("; ")}`;
  return { en: said("en"), pt: said("pt") };
}
