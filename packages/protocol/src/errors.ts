/**
 * Every error a caller can meet: code, HTTP status, and one public sentence in English and Portuguese.
 *
 * Each code has a page under `docs/errors/`; a test keeps both lists equal. The sentences of the
 * documented contract (Portuguese) are kept to the letter, since clients show and compare them.
 */
export interface ErrorEntry {
  readonly status: number;
  readonly en: string;
  readonly pt: string;
}

function entry(status: number, en: string, pt: string): ErrorEntry {
  return { status, en, pt };
}

export const errorCatalogue = {
  // Who is calling
  token_missing: entry(401, "No access token was sent", "Token de acesso não fornecido"),
  token_expired: entry(401, "The token has expired", "Token expirado"),
  token_invalid: entry(401, "The token is not valid", "Token inválido"),
  user_inactive: entry(
    401,
    "The user does not exist or is inactive",
    "Usuário não encontrado ou inativo",
  ),
  tenant_inactive: entry(
    401,
    "The tenant does not exist or is inactive",
    "Tenant não encontrado ou inativo",
  ),
  forbidden: entry(
    403,
    "This key or token may not do that",
    "Acesso negado. Permissão insuficiente.",
  ),
  // Files of messages
  media_link_invalid: entry(
    403,
    "This link to a file is not one that was given out",
    "Este link de arquivo não foi emitido por este servidor",
  ),
  media_link_expired: entry(
    410,
    "This link to a file has expired; read the event again for a new one",
    "Este link de arquivo expirou; leia o evento de novo para receber outro",
  ),
  media_not_fetched: entry(
    425,
    "The file is still being fetched from the provider; ask again in a moment",
    "O arquivo ainda está sendo buscado no provedor; tente de novo em instantes",
  ),
  media_unavailable: entry(
    410,
    "The file could not be had from the provider",
    "Não foi possível obter o arquivo do provedor",
  ),
  media_gone: entry(410, "The file is no longer kept", "O arquivo não é mais guardado"),
  // What is asked for
  route_not_found: entry(404, "There is no such route", "Rota não encontrada"),
  not_found: entry(404, "There is nothing with this id here", "Não encontrado"),
  session_not_found: entry(404, "There is no instance with this name", "Sessão não encontrada"),
  session_not_evolution: entry(
    400,
    "This instance is not one of Evolution API",
    "Sessão não é Evolution API",
  ),
  session_not_waha: entry(400, "This instance is not one of WAHA", "Sessão não é WAHA API"),
  tenant_unidentified: entry(400, "No tenant was named", "Tenant não identificado"),
  provider_failed: entry(
    502,
    "The provider's server did not do what it was asked",
    "O servidor do provedor não fez o que foi pedido",
  ),
  provider_unreachable: entry(
    502,
    "The provider's server cannot be reached",
    "O servidor do provedor não responde",
  ),
  provider_unauthorised: entry(
    502,
    "The provider's server does not accept its key",
    "O servidor do provedor não aceita a chave",
  ),
  provider_refused: entry(
    409,
    "The provider's server refuses that for this number as it is now",
    "O servidor do provedor recusa isso para este número no estado atual",
  ),
  provider_busy: entry(
    503,
    "Too many calls for the provider's server; try again in a minute",
    "Chamadas demais para o servidor do provedor; tente novamente em um minuto",
  ),
  instance_without_server: entry(
    409,
    "This number belongs to no registered provider server",
    "Este número não pertence a nenhum servidor cadastrado",
  ),
  instance_not_at_provider: entry(
    409,
    "The provider's server has no number with this name",
    "O servidor do provedor não tem um número com este nome",
  ),
  pairing_no_code: entry(
    409,
    "There is no code to scan at the moment",
    "Não há código para ler no momento",
  ),
  pairing_link_gone: entry(
    404,
    "This link does not exist, was used, or has expired",
    "Este link não existe, já foi usado ou venceu",
  ),
  pairing_link_taken: entry(
    409,
    "Somebody else has this link open; try again in a minute",
    "Outra pessoa está com este link aberto; tente novamente em um minuto",
  ),
  pairing_link_limit: entry(
    409,
    "This number has too many open links; revoke one first",
    "Este número tem links abertos demais; revogue um deles",
  ),
  too_many_requests: entry(
    429,
    "Too many requests; wait a minute",
    "Requisições demais; espere um minuto",
  ),
  name_taken: entry(409, "This name is already in use", "Este nome já está em uso"),
  tenant_in_use: entry(
    409,
    "The default tenant cannot be deleted",
    "O tenant padrão não pode ser excluído",
  ),
  invalid_request: entry(
    400,
    "The request does not fit this route",
    "A requisição não é válida para esta rota",
  ),
  text_search_off: entry(
    400,
    "Searching the text of messages is turned off on this server",
    "A busca no texto das mensagens está desligada neste servidor",
  ),
  cursor_invalid: entry(
    400,
    "The cursor is not one of this list",
    "O cursor não pertence a esta lista",
  ),
  url_invalid: entry(
    422,
    "The address is not a usable http or https URL",
    "O endereço não é uma URL http ou https utilizável",
  ),
  url_blocked: entry(
    422,
    "The address points into a private or reserved network",
    "O endereço aponta para uma rede privada ou reservada",
  ),
  secret_invalid: entry(
    422,
    "The secret must be whsec_ followed by the base64 of 24 to 64 bytes",
    "A chave secreta deve ser whsec_ seguida do base64 de 24 a 64 bytes",
  ),
  // What was sent
  body_too_large: entry(413, "The body is larger than the limit", "O corpo excede o limite"),
  unsupported_media_type: entry(
    415,
    "The body must be JSON (content-type application/json)",
    "O corpo deve ser JSON (content-type application/json)",
  ),
  body_empty: entry(400, "The body is empty", "O corpo está vazio"),
  json_invalid: entry(400, "The body is not JSON", "O corpo não é JSON"),
  json_not_utf8: entry(400, "The body is not valid UTF-8", "O corpo não é UTF-8 válido"),
  json_too_deep: entry(400, "The JSON is nested too deeply", "O JSON está aninhado demais"),
  json_forbidden_key: entry(
    400,
    "The JSON has a key that is not allowed",
    "O JSON tem uma chave não permitida",
  ),
  json_not_object: entry(400, "The body must be a JSON object", "O corpo deve ser um objeto JSON"),
  webhook_unrecognised: entry(
    400,
    "The webhook's format is not recognised",
    "Formato de webhook não reconhecido",
  ),
  request_timeout: entry(
    408,
    "The request took too long to arrive",
    "A requisição demorou demais para chegar",
  ),
  // Who sends a webhook
  ingest_token_unknown: entry(
    401,
    "No number, server or tenant has this webhook address",
    "Nenhum número, servidor ou tenant tem este endereço de webhook",
  ),
  ingest_unauthorised: entry(
    401,
    "Nothing in this webhook proves who sent it",
    "Nada neste webhook prova quem o enviou",
  ),
  ingest_signature_invalid: entry(
    401,
    "The webhook's signature does not match this number's secret",
    "A assinatura do webhook não confere com a chave deste número",
  ),
  // Sockets
  socket_not_authenticated: entry(401, "Authenticate first", "Autentique-se primeiro"),
  socket_instance_unknown: entry(
    404,
    "There is no instance with this name",
    "Sessão não encontrada",
  ),
  socket_limit: entry(
    429,
    "Too many subscriptions on this connection",
    "Inscrições demais nesta conexão",
  ),
  socket_flood: entry(
    429,
    "This connection sent too many messages and was closed",
    "Esta conexão enviou mensagens demais e foi fechada",
  ),
  socket_too_slow: entry(
    503,
    "This connection reads too slowly and was closed",
    "Esta conexão lê devagar demais e foi fechada",
  ),
  // Ourselves
  store_unavailable: entry(
    503,
    "Nothing can be stored at the moment; try again",
    "Não é possível gravar no momento; tente novamente",
  ),
  internal: entry(500, "Internal error", "Erro interno do servidor"),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** Every error body, on every route. `error` and `message` are the same sentence: old clients read either. */
export interface ErrorBody {
  readonly success: false;
  readonly error: string;
  readonly message: string;
  readonly code: ErrorCode;
  /** Page that explains the code. */
  readonly docs: string;
  /** What exactly is wrong, field by field, where the request did not fit. */
  readonly details?: readonly string[];
}
