import type { PairingReason, PairingStage } from "@recado/protocol";

/** A sentence in both languages. */
export interface Sentence {
  readonly en: string;
  readonly pt: string;
}

const stages: Readonly<Record<PairingStage, Sentence>> = {
  idle: { en: "Nobody is connecting this number.", pt: "Ninguém está conectando este número." },
  waiting: {
    en: "The server is preparing the code.",
    pt: "O servidor está preparando o código.",
  },
  code: {
    en: "Scan the code with the number's phone.",
    pt: "Leia o código com o celular do número.",
  },
  connecting: {
    en: "Scanned; WhatsApp is connecting. This takes up to half a minute.",
    pt: "Lido; o WhatsApp está conectando. Costuma levar até 30 segundos.",
  },
  connected: { en: "The number is connected.", pt: "O número está conectado." },
  expired: {
    en: "No code was scanned in time. Start again for new ones.",
    pt: "Nenhum código foi lido a tempo. Comece de novo para gerar outros.",
  },
  failed: { en: "The number was not connected.", pt: "O número não foi conectado." },
};

/** What a reason adds; the others say no more than their stage. */
const reasons: Partial<Readonly<Record<PairingReason, Sentence>>> = {
  banned: {
    en: "WhatsApp has banned or blocked this number; connecting again does not help.",
    pt: "O WhatsApp baniu ou bloqueou este número; conectar de novo não resolve.",
  },
  logged_out: {
    en: "The number was logged out, on the phone or by WhatsApp. Start again.",
    pt: "O número foi desconectado no celular ou pelo WhatsApp. Comece de novo.",
  },
  replaced: {
    en: "Another program took over this number's connection.",
    pt: "Outro programa assumiu a conexão deste número.",
  },
  bad_session: {
    en: "What the server kept of this number is unusable. Log it out and start again.",
    pt: "O que o servidor guardou deste número não serve mais. Desconecte e comece de novo.",
  },
  multi_device_mismatch: {
    en: "The phone's WhatsApp does not support linked devices as it is; update it.",
    pt: "O WhatsApp do celular não aceita aparelhos conectados como está; atualize-o.",
  },
  stopped: {
    en: "The server stopped this number. Start again.",
    pt: "O servidor parou este número. Comece de novo.",
  },
  removed: {
    en: "The number was deleted at the server.",
    pt: "O número foi excluído no servidor.",
  },
  passkey_required: {
    en: "WhatsApp asks for the account's passkey, which has to be given at the server itself.",
    pt: "O WhatsApp pede a chave de acesso da conta, que precisa ser informada no próprio servidor.",
  },
  provider_unreachable: {
    en: "The server cannot be reached at the moment; this page goes on trying.",
    pt: "O servidor não responde no momento; a página continua tentando.",
  },
  provider_refused: {
    en: "The server refuses to connect this number now.",
    pt: "O servidor recusa conectar este número agora.",
  },
};

/** Where a pairing stands, in words for the person who waits for it. Pure. */
export function pairingSentence(stage: PairingStage, reason: PairingReason | undefined): Sentence {
  const own = reason === undefined ? undefined : reasons[reason];
  return own ?? stages[stage];
}
