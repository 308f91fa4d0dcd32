import type { Language } from "./language.ts";

/**
 * Portuguese for the details that other parts give in English with an error. What is not here stays in
 * English: a detail in the wrong language is better than none.
 */
const portuguese: readonly (readonly [RegExp, string])[] = [
  [/^more than (\d+) levels$/, "mais de $1 níveis"],
  [/^the limit is (\d+) bytes$/, "o limite é de $1 bytes"],
  [/^it is null$/, "é null"],
  [/^it is an array$/, "é uma lista"],
  [/^it is a (string|number|boolean)$/, "é um valor do tipo $1"],
  [/^the object is empty$/, "o objeto está vazio"],
  [/^the connection ended before the body$/, "a conexão terminou antes do corpo"],
  [
    /^the provider no longer had the file; WAHA deletes its files after 180 s unless it is told otherwise$/,
    "o provedor não tinha mais o arquivo; a WAHA apaga seus arquivos em 180 s se nada disser outra coisa",
  ],
  [
    /^the provider's server refused its API key$/,
    "o servidor do provedor recusou a chave de API dele",
  ],
  [
    /^the provider's server redirects to another address, which is not followed$/,
    "o servidor do provedor redireciona para outro endereço, o que não é seguido",
  ],
  [
    /^the file is larger than MEDIA_LIMIT_MB allows$/,
    "o arquivo é maior do que MEDIA_LIMIT_MB permite",
  ],
  [
    /^the provider's server gave no answer, also after several tries$/,
    "o servidor do provedor não respondeu, mesmo depois de várias tentativas",
  ],
  [
    /^the provider's server answered with an error instead of the file$/,
    "o servidor do provedor respondeu com um erro em vez do arquivo",
  ],
  [
    /^the file's address lies in a network that may not be called$/,
    "o endereço do arquivo fica em uma rede que não pode ser chamada",
  ],
  [
    /^the number's provider server is no longer configured$/,
    "o servidor do provedor deste número não está mais cadastrado",
  ],
  [
    /^the link was not found in what the provider sent$/,
    "o link não foi encontrado no que o provedor enviou",
  ],
  [/^the disk is full$/, "o disco está cheio"],
  [/^the disk refuses to be written to$/, "o disco não aceita gravação"],
  [/^the data folder cannot be written to$/, "a pasta de dados não aceita gravação"],
  [/^another program holds the database$/, "outro programa segura o banco de dados"],
  [/^there is not enough memory$/, "não há memória suficiente"],
  [/^the database is damaged$/, "o banco de dados está danificado"],
  [/^the store is closed$/, "o servidor está parando"],
  [/^too many writes are waiting$/, "gravações demais na fila"],
  [/^the store failed and must be opened again$/, "a gravação falhou e o servidor será reiniciado"],
  [/^too many webhooks are arriving at once$/, "muitos webhooks chegando ao mesmo tempo"],
  [
    /^send the ingest token as \?token=, Authorization: Bearer, apikey or X-Api-Key, or sign with the number's webhook secret$/,
    "envie o token de ingestão em ?token=, Authorization: Bearer, apikey ou X-Api-Key, ou assine com o segredo de webhook do número",
  ],
  [
    /^this number has a webhook secret and the request is not signed$/,
    "este número tem um segredo de webhook e a requisição não está assinada",
  ],
  [/^the token is not one for webhooks$/, "o token não é de webhooks"],
  [/^the token has no expiry$/, "o token não tem validade"],
  [
    /^the token expired before the last possible attempt$/,
    "o token expirou antes da última tentativa possível",
  ],
  [/^the signature is another key's$/, "a assinatura é de outra chave"],
  [/^the token is not signed with HS256$/, "o token não está assinado com HS256"],
  [/^the token cannot be read$/, "o token não pode ser lido"],
  [/^x-webhook-hmac-algorithm is not sha512$/, "x-webhook-hmac-algorithm não é sha512"],
  [/^x-webhook-hmac-version is not supported$/, "x-webhook-hmac-version não é aceito"],
  [/^x-webhook-hmac is not a sha512 digest$/, "x-webhook-hmac não é um resumo sha512"],
  [/^x-webhook-hmac does not match the body$/, "x-webhook-hmac não corresponde ao corpo"],
  [/^X-Tenant-Id was sent more than once$/, "X-Tenant-Id foi enviado mais de uma vez"],
  [/^there is no such tenant$/, "não existe este tenant"],
  [/^the host name is longer than (\d+) characters$/, "o nome do host passa de $1 caracteres"],
  [
    /^a label of the host name is longer than (\d+) characters$/,
    "uma parte do nome do host passa de $1 caracteres",
  ],
  [/^the address is longer than (\d+) characters$/, "o endereço passa de $1 caracteres"],
  [/^port (\d+) cannot be called$/, "a porta $1 não pode ser chamada"],
  [
    /^use 80, 443 or one from 1024 on that belongs to no other protocol$/,
    "use 80, 443 ou uma a partir de 1024 que não seja de outro protocolo",
  ],
  [/^X-Tenant-Id names another tenant$/, "X-Tenant-Id indica outro tenant"],
  [/^tenantId names another tenant$/, "tenantId indica outro tenant"],
  [/^allowPrivate needs the admin key$/, "allowPrivate exige a chave de administrador"],
  [
    /^this credential is limited to some instances: name them in instances$/,
    "esta credencial é limitada a algumas instâncias: informe-as em instances",
  ],
  [
    /^graceSeconds: at most (\d+) older secrets can be valid at once$/,
    "graceSeconds: no máximo $1 chaves antigas podem valer ao mesmo tempo",
  ],
  [/^headers: more than (\d+) headers$/, "headers: mais de $1 cabeçalhos"],
  [/^headers: "(.*)" is not a header name$/, 'headers: "$1" não é um nome de cabeçalho'],
  [/^headers: the header (\S+) cannot be set$/, "headers: o cabeçalho $1 não pode ser definido"],
  [/^headers: the header (\S+) is set twice$/, "headers: o cabeçalho $1 aparece duas vezes"],
  [
    /^headers: the header (\S+) has characters that cannot be sent$/,
    "headers: o cabeçalho $1 tem caracteres que não podem ser enviados",
  ],
  [
    /^headers: the headers are longer than (\d+) bytes$/,
    "headers: os cabeçalhos passam de $1 bytes",
  ],
  [
    /^this number has no provider server that can be asked$/,
    "este número não tem um servidor de provedor que possa ser consultado",
  ],
  [/^the stage is (\w+)$/, "a etapa é $1"],
  [/^the address is not a URL$/, "o endereço não é uma URL"],
  [/^only http and https can be called$/, "só é possível chamar http e https"],
  [
    /^user name and password do not belong in the address$/,
    "usuário e senha não devem estar no endereço",
  ],
  [/^an address to call has no fragment \(#…\)$/, "um endereço a chamar não tem fragmento (#…)"],
  [/^the host name has an empty label$/, "o nome do host tem uma parte vazia"],
  [/^the address has control characters$/, "o endereço tem caracteres de controle"],
  [/^the host name belongs to a local network$/, "o nome do host pertence a uma rede local"],
  [/^the address is a cloud metadata server$/, "o endereço é um servidor de metadados de nuvem"],
  [/^the address is in an? (\S+) range$/, "o endereço está em uma faixa reservada ($1)"],
  [
    /^the operator can open private destinations with DELIVERY_ALLOW_TARGETS, or with allowPrivate on an endpoint made with the admin key$/,
    "o operador pode liberar destinos privados com DELIVERY_ALLOW_TARGETS, ou com allowPrivate em um endpoint criado com a chave de administrador",
  ],
  [
    /^link-local and cloud metadata addresses stay blocked$/,
    "endereços link-local e de metadados de nuvem continuam bloqueados",
  ],
];

function translated(sentence: string): string {
  for (const [pattern, text] of portuguese) {
    if (pattern.test(sentence)) return sentence.replace(pattern, text);
  }
  return sentence;
}

/** A detail in the caller's language, clause by clause. Pure. */
export function detailSentence(detail: string, language: Language): string {
  return language === "en" ? detail : detail.split("; ").map(translated).join("; ");
}
