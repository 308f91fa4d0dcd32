import { readdirSync, readFileSync } from "node:fs";

export type ProviderName = "evolution" | "waha";

export interface FixtureBody {
  readonly provider: ProviderName;
  readonly body: unknown;
}

const folders = ["events", "zoo", "http"] as const;

/** Every body in the fixtures of both providers: webhooks, situations, and answers of management calls. */
export function fixtureBodies(): readonly FixtureBody[] {
  return (["evolution", "waha"] as const).flatMap((provider) =>
    folders.flatMap((folder) => {
      const place = new URL(
        `../../packages/providers/src/${provider}/fixtures/${folder}/`,
        import.meta.url,
      );
      return readdirSync(place)
        .filter((file) => file.endsWith(".json"))
        .toSorted()
        .flatMap((file) => bodiesIn(JSON.parse(readFileSync(new URL(file, place), "utf8"))))
        .map((body) => ({ provider, body }));
    }),
  );
}

/** What stands under `body`, wherever a fixture keeps it; not what is inside of one. */
function bodiesIn(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === "body" && typeof member === "object" && member !== null ? [member] : bodiesIn(member),
  );
}
