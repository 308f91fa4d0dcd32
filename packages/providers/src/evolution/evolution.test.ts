import { readFileSync } from "node:fs";
import { describeProvider } from "../testing/provider-suite.ts";
import { loadFixtures } from "../testing/fixtures.ts";
import type { Expectation } from "../testing/expectation.ts";
import { evolution } from "./index.ts";

const here = new URL("./", import.meta.url);

describeProvider(evolution, {
  fixtures: loadFixtures(new URL("fixtures/", here)),
  expectations: JSON.parse(
    readFileSync(new URL("fixtures/expectations.json", here), "utf8"),
  ) as Record<string, Expectation>,
  foreign: loadFixtures(new URL("../waha/fixtures/", here)),
  secretValues: [
    "TOKEN-LOJA-CENTRO-0001",
    "GLOBAL-KEY-0001",
    "REC-EVO-TOKEN",
    "REC-BAI-TOKEN",
    "A1B2C3D4-E5F6-4711-8899-AABBCCDDEEFF",
    "ABCDEF01-2345-4678-9ABC-DEF012345678",
    "U1lOVEhFVElDLU5PVC1BLUtFWS0wMDAwMDAwMDAwMDA=",
    "SYNTHETICINVITE0",
    "axolotlSenderKeyDistributionMessage",
    "senderKeyDistributionMessage",
  ],
});
