import type { ApiErrorCode } from "@recado/providers";

/** One sentence for a person, in both languages of the product. */
export interface Sentence {
  readonly en: string;
  readonly pt: string;
}

/** Why a number or a server is not as it should be: a stable word, and what the provider said about it. */
export interface Reason {
  readonly code: string;
  /** In the provider's or the network's own words; never a key. */
  readonly detail?: string | undefined;
}

type OwnCode =
  | "address_not_allowed"
  | "other_tenant"
  | "public_url_local"
  | "secret_not_used"
  | "not_stored"
  | "too_many_numbers"
  | "no_server"
  | "vanished"
  | "internal";

const sentences: Readonly<Record<ApiErrorCode | OwnCode, Sentence>> = {
  unreachable: {
    en: "The server does not answer: check that it runs and that its address is right as seen from Recado.",
    pt: "O servidor não responde: verifique se ele está ligado e se o endereço está certo visto a partir do Recado.",
  },
  timeout: {
    en: "The server took too long to answer.",
    pt: "O servidor demorou demais para responder.",
  },
  unauthorised: {
    en: "The server refuses the API key: it may have been changed.",
    pt: "O servidor recusa a chave de API: ela pode ter sido trocada.",
  },
  forbidden: {
    en: "This key may not do that: use the key of the whole server.",
    pt: "Esta chave não permite isso: use a chave do servidor inteiro.",
  },
  not_found: {
    en: "The server has no such number any more, or something else answers at its address.",
    pt: "O servidor não tem mais este número, ou outra coisa responde no endereço dele.",
  },
  conflict: { en: "The name is in use at the server.", pt: "O nome já está em uso no servidor." },
  wrong_state: {
    en: "The number's state does not allow this now.",
    pt: "O estado do número não permite isso agora.",
  },
  invalid_request: {
    en: "The server refused the webhook's settings.",
    pt: "O servidor recusou a configuração do webhook.",
  },
  rate_limited: {
    en: "Too many calls to the server at once; it is tried again.",
    pt: "Chamadas demais ao servidor de uma vez; será tentado de novo.",
  },
  provider_failed: {
    en: "The server failed by itself; its own log has the reason.",
    pt: "O próprio servidor falhou; o motivo está no log dele.",
  },
  unexpected_answer: {
    en: "The answer makes no sense: something else, such as a proxy, may be answering at this address.",
    pt: "A resposta não faz sentido: outra coisa, como um proxy, pode estar respondendo neste endereço.",
  },
  feature_off: {
    en: "This is switched off in the server's environment.",
    pt: "Isto está desligado no ambiente do servidor.",
  },
  not_supported: {
    en: "This version of the server cannot do that: update it.",
    pt: "Esta versão do servidor não faz isso: atualize-o.",
  },
  address_not_allowed: {
    en: "The number's present webhook could not go on receiving: its address may not be called from here. If it is in a private network, register the server with the admin key or add the address to DELIVERY_ALLOW_TARGETS.",
    pt: "O webhook atual do número não poderia continuar recebendo: o endereço dele não pode ser chamado daqui. Se ele está em uma rede privada, cadastre o servidor com a chave de administrador ou inclua o endereço em DELIVERY_ALLOW_TARGETS.",
  },
  other_tenant: {
    en: "The number already reports to another tenant of this gateway.",
    pt: "O número já envia para outro tenant deste gateway.",
  },
  public_url_local: {
    en: "PUBLIC_URL is localhost, which at the provider's machine is that machine itself. Set PUBLIC_URL to an address that the provider can reach, and synchronise again; nothing was changed.",
    pt: "PUBLIC_URL é localhost, que na máquina do provedor é a própria máquina dele. Coloque em PUBLIC_URL um endereço que o provedor alcance e sincronize de novo; nada foi alterado.",
  },
  secret_not_used: {
    en: "This version of the server does not sign webhooks, but the number demands a signature: everything it sends is refused. Remove the number's webhookSecret or update the server.",
    pt: "Esta versão do servidor não assina webhooks, mas o número exige assinatura: tudo o que ele envia é recusado. Remova o webhookSecret do número ou atualize o servidor.",
  },
  not_stored: {
    en: "The server said yes, but has other settings now.",
    pt: "O servidor disse sim, mas ficou com outra configuração.",
  },
  too_many_numbers: {
    en: "The server lists more numbers than one server can have here; none of them was touched.",
    pt: "O servidor lista mais números do que um servidor pode ter aqui; nenhum deles foi alterado.",
  },
  no_server: {
    en: "The number's server is not registered here any more.",
    pt: "O servidor do número não está mais cadastrado aqui.",
  },
  vanished: {
    en: "The server does not list this number any more.",
    pt: "O servidor não lista mais este número.",
  },
  internal: {
    en: "Recado could not do it; its own log has the reason.",
    pt: "O Recado não conseguiu; o motivo está no log dele.",
  },
};

/** The sentence of a reason's code; a code of a later version reads as `internal`. */
export function sentenceFor(code: string): Sentence {
  return (sentences as Readonly<Record<string, Sentence>>)[code] ?? sentences.internal;
}
