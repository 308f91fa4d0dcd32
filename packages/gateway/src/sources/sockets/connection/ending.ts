import type { FailureCode } from "../../../outbound/index.ts";

/**
 * Why a connection to a provider's socket ended or was not made: stable words, with a sentence for people
 * in both languages. Words are only added.
 *
 * `standing`: trying again soon would not help, since somebody has to change something first; it is tried
 * again all the same, slowly, because that somebody may do it at the provider.
 */
interface EndReason {
  readonly standing: boolean;
  readonly en: string;
  readonly pt: string;
}

export const endReasons = {
  unreachable: {
    standing: false,
    en: "The server cannot be reached.",
    pt: "Não foi possível alcançar o servidor.",
  },
  address_blocked: {
    standing: true,
    en: "The server's address may not be called: it is not a usable address, or it points into a private network that was not opened for it.",
    pt: "O endereço do servidor não pode ser chamado: não é um endereço utilizável, ou aponta para uma rede privada que não foi liberada para ele.",
  },
  key_refused: {
    standing: true,
    en: "The server does not take the API key. Store the right one on the server.",
    pt: "O servidor não aceita a chave de API. Salve a chave correta no servidor.",
  },
  key_limited: {
    standing: true,
    en: "The API key is valid for a part of the server only; the socket needs the server's own key.",
    pt: "A chave de API vale só para uma parte do servidor; o socket precisa da chave do próprio servidor.",
  },
  no_socket: {
    standing: true,
    en: "The server has no socket at this address. Evolution: set WEBSOCKET_ENABLED=true and restart it. A reverse proxy must pass WebSocket upgrades on.",
    pt: "O servidor não tem socket neste endereço. Evolution: defina WEBSOCKET_ENABLED=true e reinicie. Um proxy reverso precisa repassar as conexões WebSocket.",
  },
  unavailable: {
    standing: false,
    en: "The server, or a proxy in front of it, answers that it is not available.",
    pt: "O servidor, ou um proxy na frente dele, responde que não está disponível.",
  },
  closed: {
    standing: false,
    en: "The server ended the connection.",
    pt: "O servidor encerrou a conexão.",
  },
  silent: {
    standing: false,
    en: "Nothing came for so long, not even the server's heartbeat, that the connection was given up.",
    pt: "Nada chegou por tanto tempo, nem o sinal de vida do servidor, que a conexão foi abandonada.",
  },
  too_large: {
    standing: false,
    en: "An event was larger than the limit, which ends a socket's connection.",
    pt: "Um evento era maior que o limite, o que encerra a conexão do socket.",
  },
  not_understood: {
    standing: false,
    en: "What came over the socket does not follow its protocol.",
    pt: "O que chegou pelo socket não segue o protocolo.",
  },
} as const satisfies Record<string, EndReason>;

export type EndReasonCode = keyof typeof endReasons;

export interface Ending {
  readonly reason: EndReasonCode;
  /** A stable word or number that says more: `connection_refused`, `1006`. Never an address or a key. */
  readonly detail?: string;
}

/** The ending for an address that was not even tried. */
export function endingOfVetting(errorCode: FailureCode): Ending {
  const isBlocked = errorCode === "blocked_address" || errorCode === "url_invalid";
  return { reason: isBlocked ? "address_blocked" : "unreachable", detail: errorCode };
}

/** What an HTTP status in the place of a connection means. */
export function endingOfStatus(status: number): Ending {
  const detail = String(status);
  // Evolution 2.3.7 refuses a wrong key with 400 where the WebSocket is asked for, 403 on polling (recorded).
  if ([400, 401, 403].includes(status)) return { reason: "key_refused", detail };
  if ([404, 405, 426, 501].includes(status)) return { reason: "no_socket", detail };
  return { reason: status === 429 || status >= 500 ? "unavailable" : "no_socket", detail };
}
