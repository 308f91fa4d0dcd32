/** What the demo says, in two languages: whole sentences, so that word order is each language's own. */
export interface Words {
  readonly begin: (url: string, seed: number) => string;
  readonly server: (name: string, url: string) => string;
  readonly number: (name: string) => string;
  readonly unpaired: (name: string) => string;
  readonly destination: (name: string, url: string) => string;
  readonly running: string;
  readonly progress: (counts: Progress) => string;
  readonly trouble: (message: string) => string;
  readonly stopped: string;
  readonly healthy: string;
  readonly flaky: string;
}

export interface Progress {
  readonly sent: number;
  readonly refused: number;
  readonly received: number;
  readonly failedOnPurpose: number;
  readonly badSignatures: number;
}

const english: Words = {
  begin: (url, seed) => `Demo: simulated numbers write to the gateway at ${url} (seed ${seed}).`,
  server: (name, url) => `  A fake ${name} runs at ${url}.`,
  number: (name) => `  Number "${name}": adopted, its webhooks are signed.`,
  unpaired: (name) => `  Number "${name}" shows a QR code first and connects after some seconds.`,
  destination: (name, url) => `  Destination: ${name}, at ${url}.`,
  running: "Messages, ticks, reactions and dropped connections arrive now. Ctrl+C ends the demo.",
  progress: ({ sent, refused, received, failedOnPurpose, badSignatures }) =>
    `${sent} webhooks sent (${refused} not taken) · ${received} deliveries received, ${failedOnPurpose} failed on purpose, ${badSignatures} with a wrong signature`,
  trouble: (message) => `The gateway did not do what the demo asked: ${message}`,
  stopped: "The demo has ended; its destinations were removed.",
  healthy: "a receiver that always answers",
  flaky: "a receiver that fails now and then",
};

const portuguese: Words = {
  begin: (url, seed) =>
    `Demonstração: números simulados escrevem para o gateway em ${url} (semente ${seed}).`,
  server: (name, url) => `  Um ${name} simulado está em ${url}.`,
  number: (name) => `  Número "${name}": adotado, seus webhooks são assinados.`,
  unpaired: (name) =>
    `  O número "${name}" primeiro mostra um QR code e conecta depois de alguns segundos.`,
  destination: (name, url) => `  Destino: ${name}, em ${url}.`,
  running:
    "Mensagens, confirmações, reações e quedas de conexão estão chegando. Ctrl+C encerra a demonstração.",
  progress: ({ sent, refused, received, failedOnPurpose, badSignatures }) =>
    `${sent} webhooks enviados (${refused} não aceitos) · ${received} entregas recebidas, ${failedOnPurpose} recusadas de propósito, ${badSignatures} com assinatura errada`,
  trouble: (message) => `O gateway não fez o que a demonstração pediu: ${message}`,
  stopped: "A demonstração terminou; seus destinos foram removidos.",
  healthy: "um receptor que sempre responde",
  flaky: "um receptor que falha de vez em quando",
};

export const languages = ["en", "pt"] as const;
export type Language = (typeof languages)[number];

export function wordsIn(language: Language): Words {
  return language === "pt" ? portuguese : english;
}

/** The language of the process: the runtime takes it from LC_ALL or LANG. */
export function systemLanguage(): Language {
  return Intl.DateTimeFormat().resolvedOptions().locale.toLowerCase().startsWith("pt")
    ? "pt"
    : "en";
}
