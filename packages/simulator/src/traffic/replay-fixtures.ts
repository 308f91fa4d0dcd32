import { type Clock, systemClock } from "../clock.ts";
import { evolutionRetries, evolutionRule } from "../evolution/evolution-retry.ts";
import { webhookToken } from "../evolution/evolution-webhook.ts";
import { createRandom, type Random } from "../random.ts";
import type { DeliveryReport, RetryRule } from "../sending/attempt.ts";
import { createOutbox } from "../sending/outbox.ts";
import { wahaRule } from "../waha/waha-retry.ts";
import { wahaSignature } from "../waha/waha-webhook.ts";
import { type FixtureWebhook, loadFixtures } from "./load-fixtures.ts";

export interface ReplayOptions {
  /** The webhook address; each fixture's own suffix is appended. */
  readonly url: string;
  /** How many are under way at once. 1 (the default) keeps the order of the files. */
  readonly concurrency?: number;
  /** How often each is sent, one after the other finished. Default 1. */
  readonly copies?: number;
  /** Signs anew with an instance's secret, as the fixture's provider would; absent: as recorded. */
  readonly secret?: string;
  /** Replaces the retry rule of the fixture's provider. */
  readonly rule?: RetryRule;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Ends the replay; what was not sent is missing from the answer. */
  readonly signal?: AbortSignal;
}

export interface ReplayedFixture {
  readonly fixture: FixtureWebhook;
  /** One for each copy. */
  readonly reports: readonly DeliveryReport[];
}

/** WAHA's requests name it in their user agent, and its oldest ones in the shape of the body. */
function fromWaha({ headers, body }: FixtureWebhook): boolean {
  const agent = Object.entries(headers).find(([name]) => name.toLowerCase() === "user-agent")?.[1];
  return agent?.startsWith("WAHA") ?? Buffer.from(body).includes('"session":');
}

async function headersOf(
  fixture: FixtureWebhook,
  secret: string | undefined,
  now: number,
): Promise<[string, string][]> {
  const recorded = Object.entries(fixture.headers);
  if (secret === undefined) return recorded;
  const unsigned = recorded.filter(
    ([name]) => !/^(authorization|x-webhook-hmac(-algorithm)?)$/i.test(name),
  );
  if (!fromWaha(fixture))
    return [...unsigned, ["authorization", `Bearer ${await webhookToken(secret, now)}`]];
  const signature = wahaSignature(secret, fixture.body);
  return [...unsigned, ["x-webhook-hmac", signature], ["x-webhook-hmac-algorithm", "sha512"]];
}

/**
 * Sends fixtures (or every fixture of a folder) as live traffic, with their recorded headers and their
 * provider's retries. Answers in the order of the fixtures, whatever order they were sent in.
 */
export async function replayFixtures(
  fixtures: string | readonly FixtureWebhook[],
  options: ReplayOptions,
): Promise<readonly ReplayedFixture[]> {
  const list = typeof fixtures === "string" ? loadFixtures(fixtures) : fixtures;
  const {
    url,
    concurrency = 1,
    copies = 1,
    secret,
    clock = systemClock,
    random = createRandom("replay"),
  } = options;
  const outbox = createOutbox({ clock, random });
  const stop = (): void => void outbox.close();
  options.signal?.addEventListener("abort", stop, { once: true });
  const answers: ReplayedFixture[] = [];
  let next = 0;

  async function send(fixture: FixtureWebhook): Promise<ReplayedFixture> {
    const headers = await headersOf(fixture, secret, clock.now());
    const rule =
      options.rule ?? (fromWaha(fixture) ? wahaRule({}) : evolutionRule(evolutionRetries["2.3"]));
    const reports: DeliveryReport[] = [];
    for (let copy = 0; copy < copies && options.signal?.aborted !== true; copy += 1) {
      const post = { url: url + fixture.urlSuffix, headers, body: fixture.body };
      reports.push(await outbox.send(fixture.name, post, rule));
    }
    return { fixture, reports };
  }

  async function worker(): Promise<void> {
    while (next < list.length && options.signal?.aborted !== true) {
      const index = next;
      next += 1;
      const fixture = list[index];
      if (fixture) answers[index] = await send(fixture);
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker));
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await outbox.close();
  }
  return answers.filter(({ reports }) => reports.length > 0);
}
