import type { FieldProblem } from "@recado/protocol";
import { z } from "zod";
import type { Language } from "./language.ts";

/** More than this helps nobody, and a body of a megabyte could make 100,000 of them. */
const maxSentences = 20;

/** Longest piece of the caller's own text that is repeated. */
const maxQuoted = 100;

type Problem =
  | FieldProblem
  | "unknown_instance"
  | "unknown_server"
  | "other_provider"
  | "server_needed"
  | "unknown_tenant"
  | "key_needed"
  | "header_needed"
  | "in_the_past"
  | "wider_than_yours"
  | "no_body";

type Sentence = Readonly<Record<Language, string>>;

/** Problems that zod has no word for. `{value}` is the value. */
const sentences: Readonly<Record<Problem, Sentence>> = {
  ill_formed_text: {
    en: "is not valid Unicode (half of a character)",
    pt: "não é Unicode válido (metade de um caractere)",
  },
  name_length: { en: "must have 1 to 200 characters", pt: "deve ter de 1 a 200 caracteres" },
  blank: { en: "must not be blank", pt: "não pode ficar em branco" },
  unknown_event_type: {
    en: "there is no event type {value}",
    pt: "não existe o tipo de evento {value}",
  },
  line_break: { en: "must not contain line breaks", pt: "não pode conter quebras de linha" },
  not_a_moment: {
    en: "must be an ISO-8601 time with Z or an offset (in an address, + is written %2B), or a date",
    pt: "deve ser uma data e hora ISO-8601 com Z ou fuso (em um endereço, + se escreve %2B), ou uma data",
  },
  needs_one_of: {
    en: "one of chat, phone, id or text is needed",
    pt: "é preciso um entre chat, phone, id e text",
  },
  unknown_instance: { en: "there is no instance {value}", pt: "não existe a instância {value}" },
  unknown_server: { en: "there is no server {value}", pt: "não existe o servidor {value}" },
  other_provider: { en: "the server is of another provider", pt: "o servidor é de outro provedor" },
  server_needed: {
    en: "needs a provider server (serverId), whose socket is listened to",
    pt: "precisa de um servidor do provedor (serverId), cujo socket é escutado",
  },
  unknown_tenant: { en: "there is no tenant {value}", pt: "não existe o tenant {value}" },
  key_needed: {
    en: "must be sent again when baseUrl moves to another host",
    pt: "deve ser enviado de novo quando baseUrl muda de host",
  },
  header_needed: {
    en: "must be sent again, or left out, when url moves to another host",
    pt: "deve ser enviado de novo, ou omitido, quando url muda de host",
  },
  in_the_past: { en: "must be in the future", pt: "deve estar no futuro" },
  wider_than_yours: {
    en: "must not exceed what your own credential may do",
    pt: "não pode exceder o que a sua própria credencial permite",
  },
  no_body: { en: "this route takes no body", pt: "esta rota não recebe corpo" },
};

const unknownField: Sentence = { en: "unknown field", pt: "campo desconhecido" };
const locales = { en: z.locales.en(), pt: z.locales.pt() };

function shortened(text: string): string {
  return text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text;
}

/** `headers.x`, `types[0]`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? shortened(String(part)) : `${text}.${shortened(String(part))}`;
  }, "");
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "string" && Object.hasOwn(sentences, value);
}

function reason(issue: z.core.$ZodIssue, language: Language): string {
  if (issue.code === "custom") {
    const problem: unknown = issue.params?.["problem"];
    if (isProblem(problem)) {
      return sentences[problem][language].replace(
        "{value}",
        () => `"${shortened(String(issue.input))}"`,
      );
    }
  }
  const told = locales[language].localeError(
    issue as Parameters<(typeof locales)["en"]["localeError"]>[0],
  );
  return typeof told === "string" ? told : (told?.message ?? issue.message);
}

/** What is wrong with a request, a sentence per field, the field's name in front. Pure. */
export function issueSentences(
  issues: readonly z.core.$ZodIssue[],
  language: Language,
): readonly string[] {
  return issues
    .flatMap((issue) => {
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map(
          (key) => `${pathText([...issue.path, key])}: ${unknownField[language]}`,
        );
      }
      const path = pathText(issue.path);
      return [path === "" ? reason(issue, language) : `${path}: ${reason(issue, language)}`];
    })
    .slice(0, maxSentences);
}
