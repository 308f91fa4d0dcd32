import { isIP } from "node:net";
import type { Sentence } from "../reasons/sentences.ts";
import type { ReachProblem } from "./judge-answer.ts";

/** One thing to know about why the provider's webhooks do or do not arrive. */
export interface Explanation extends Sentence {
  readonly code: string;
}

type Place = "loopback" | "private" | "elsewhere";

/** Where a URL's host is, as far as its text says. A name without a dot is one of a container network. */
function placeOf(url: string): Place {
  const host = (URL.parse(url)?.hostname ?? "").replaceAll(/[[\]]/g, "").toLowerCase();
  if (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    host.startsWith("127.")
  )
    return "loopback";
  if (isIP(host) === 0) return host.includes(".") ? "elsewhere" : "private";
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe80:)/.test(host)
    ? "private"
    : "elsewhere";
}

const problems: Readonly<Record<ReachProblem, Sentence>> = {
  name_not_found: {
    en: "The name in PUBLIC_URL is not known to DNS here: check its spelling and its DNS record.",
    pt: "O nome em PUBLIC_URL não é conhecido pelo DNS aqui: verifique a grafia e o registro DNS.",
  },
  refused: {
    en: "Nothing listens at PUBLIC_URL: check the port, and that the reverse proxy or the published port of the container leads to Recado.",
    pt: "Nada escuta em PUBLIC_URL: verifique a porta e se o proxy reverso ou a porta publicada do contêiner leva ao Recado.",
  },
  timeout: {
    en: "PUBLIC_URL does not answer in time: a firewall may drop the calls, the port may be wrong, or the router does not lead its own public address back inside.",
    pt: "PUBLIC_URL não responde a tempo: um firewall pode descartar as chamadas, a porta pode estar errada, ou o roteador não leva o próprio endereço público de volta para dentro.",
  },
  tls: {
    en: "The certificate of PUBLIC_URL is not accepted (expired, self-signed or for another name): Evolution will not send to it.",
    pt: "O certificado de PUBLIC_URL não é aceito (vencido, autoassinado ou de outro nome): a Evolution não envia para ele.",
  },
  not_http: {
    en: "What listens at PUBLIC_URL does not speak HTTP as expected: check http:// against https://, and the port.",
    pt: "O que escuta em PUBLIC_URL não fala HTTP como esperado: confira http:// e https://, e a porta.",
  },
  redirect: {
    en: "PUBLIC_URL redirects. Providers lose the body of a redirected webhook: set PUBLIC_URL to the final address, https included.",
    pt: "PUBLIC_URL redireciona. Os provedores perdem o corpo de um webhook redirecionado: coloque em PUBLIC_URL o endereço final, com https se for o caso.",
  },
  web_page: {
    en: "A web page answers at PUBLIC_URL instead of Recado: the proxy leads this path somewhere else.",
    pt: "Uma página web responde em PUBLIC_URL no lugar do Recado: o proxy leva este caminho para outro lugar.",
  },
  other_gateway: {
    en: "Another Recado answers at PUBLIC_URL, or one with another database.",
    pt: "Outro Recado responde em PUBLIC_URL, ou um com outro banco de dados.",
  },
  proxy_refuses: {
    en: "Something in front of Recado refuses the call (a login, a firewall, a limit): let POST to /in/ through.",
    pt: "Algo na frente do Recado recusa a chamada (login, firewall, limite): libere o POST para /in/.",
  },
  proxy_fails: {
    en: "The proxy at PUBLIC_URL answers, and does not reach Recado behind it.",
    pt: "O proxy em PUBLIC_URL responde, mas não alcança o Recado atrás dele.",
  },
  other_program: {
    en: "Another program answers at PUBLIC_URL: check host, port and path.",
    pt: "Outro programa responde em PUBLIC_URL: verifique host, porta e caminho.",
  },
  not_callable: {
    en: "PUBLIC_URL could not be called from here.",
    pt: "PUBLIC_URL não pôde ser chamado daqui.",
  },
};

const places = {
  loopback_remote: {
    en: "PUBLIC_URL is localhost, which at the provider's machine is that machine itself: set PUBLIC_URL to an address that the provider can reach.",
    pt: "PUBLIC_URL é localhost, que na máquina do provedor é a própria máquina dele: coloque em PUBLIC_URL um endereço que o provedor alcance.",
  },
  loopback_local: {
    en: "PUBLIC_URL is localhost. That works only while the provider runs on this machine outside of a container; inside one, localhost is the container: use host.docker.internal or Recado's name in the container network.",
    pt: "PUBLIC_URL é localhost. Isso só funciona se o provedor roda nesta máquina fora de um contêiner; dentro de um, localhost é o próprio contêiner: use host.docker.internal ou o nome do Recado na rede dos contêineres.",
  },
  private_remote: {
    en: "PUBLIC_URL is an address of a private network, and the provider's is not: it may not reach it.",
    pt: "PUBLIC_URL é um endereço de rede privada, e o do provedor não é: ele pode não alcançá-lo.",
  },
} as const satisfies Record<string, Sentence>;

const facts = {
  not_in_place: {
    en: "The webhook is not in place at the provider: synchronise the server first.",
    pt: "O webhook não está configurado no provedor: sincronize o servidor primeiro.",
  },
  provider_silent: {
    en: "The provider's server does not answer Recado: check that it runs and that its address is right.",
    pt: "O servidor do provedor não responde ao Recado: verifique se está ligado e se o endereço está certo.",
  },
  proven: {
    en: "The provider reaches Recado: a webhook of it has arrived.",
    pt: "O provedor alcança o Recado: um webhook dele chegou.",
  },
  unproven: {
    en: "Recado reaches its own public address. No webhook of the provider has arrived yet; send the number a message to see one.",
    pt: "O Recado alcança o próprio endereço público. Nenhum webhook do provedor chegou ainda; envie uma mensagem ao número para ver um.",
  },
} as const satisfies Record<string, Sentence>;

export interface ReachFacts {
  readonly publicUrl: string;
  /** The provider server's address. */
  readonly serverUrl: string;
  /** Undefined: our own call came through. */
  readonly problem: ReachProblem | undefined;
  /** Whether our webhook stands at the provider. */
  readonly isInPlace: boolean;
  /** Whether the provider's server answers us. */
  readonly serverAnswers: boolean;
  /** Whether a webhook has arrived since it stands there. */
  readonly isProven: boolean;
}

export type ReachVerdict = "reaches" | "fails" | "unproven";

/**
 * Whether the provider can certainly not reach us: our address is localhost, and its server is on another
 * machine or in a container. Pure.
 */
export function cannotReachUs(publicUrl: string, serverUrl: string): boolean {
  return placeOf(publicUrl) === "loopback" && placeOf(serverUrl) !== "loopback";
}

function placeSentence({ publicUrl, serverUrl }: ReachFacts): keyof typeof places | undefined {
  const [ours, theirs] = [placeOf(publicUrl), placeOf(serverUrl)];
  if (ours === "loopback") return theirs === "loopback" ? "loopback_local" : "loopback_remote";
  return ours === "private" && theirs === "elsewhere" ? "private_remote" : undefined;
}

/** What the facts mean, the most telling sentence first. Pure. A webhook that came beats every guess. */
export function explainReach(about: ReachFacts): {
  readonly verdict: ReachVerdict;
  readonly explanations: readonly Explanation[];
} {
  const { problem, isInPlace, serverAnswers, isProven } = about;
  if (isProven) {
    return { verdict: "reaches", explanations: [{ code: "proven", ...facts.proven }] };
  }
  const place = placeSentence(about);
  const explanations: Explanation[] = [];
  if (place) explanations.push({ code: place, ...places[place] });
  if (problem) explanations.push({ code: problem, ...problems[problem] });
  if (!serverAnswers) explanations.push({ code: "provider_silent", ...facts.provider_silent });
  if (!isInPlace) explanations.push({ code: "not_in_place", ...facts.not_in_place });
  const fails = problem !== undefined || place === "loopback_remote" || !isInPlace;
  if (fails || !serverAnswers) return { verdict: "fails", explanations };
  explanations.push({ code: "unproven", ...facts.unproven });
  return { verdict: "unproven", explanations };
}
