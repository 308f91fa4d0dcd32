import { readFileSync } from "node:fs";
import type { Expectation } from "../testing/expectation.ts";
import { loadFixtures, type Fixture } from "../testing/fixtures.ts";
import { describeProvider } from "../testing/provider-suite.ts";
import { waha } from "./index.ts";

/**
 * What each recorded or reported body means, judged from its note, its `expect` and the facts in
 * README.md: `fixtures/expectations.json`, one line per event in the body's order.
 */
const expectations = JSON.parse(
  readFileSync(new URL("fixtures/expectations.json", import.meta.url), "utf8"),
) as Record<string, Expectation>;

/** Some requests are stored as the text that was sent, because its escapes matter. */
function parsed(fixture: Fixture): Fixture {
  return typeof fixture.body === "string"
    ? { ...fixture, body: JSON.parse(fixture.body) as unknown }
    : fixture;
}

describeProvider(waha, {
  fixtures: loadFixtures(new URL("fixtures/", import.meta.url)).map(parsed),
  expectations,
  foreign: loadFixtures(new URL("../evolution/fixtures/", import.meta.url)),
  // WhatsApp's call key, in a call that came as a message.
  secretValues: ["MDAxRDE4Mzk4RDI4Qjg4RDhGQkM3MDkzNTEyMjAyMTE="],
});
