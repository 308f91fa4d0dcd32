import * as protocol from "@recado/protocol";
import * as providers from "@recado/providers";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as gateway from "./index.ts";
import type {
  EventHandlers,
  EvolutionWebhookConfig,
  WahaWebhookConfig,
  WebhookConfig,
} from "./index.ts";

describe("the documented names", () => {
  it("are the same things in every package that exports them", () => {
    const { EvolutionWebhookEvent, WahaWebhookEvent } = protocol;
    const named = { EvolutionWebhookEvent, WahaWebhookEvent };
    expect(providers).toMatchObject(named);
    expect(gateway).toMatchObject(named);
    expectTypeOf<EvolutionWebhookConfig>().toExtend<WebhookConfig>();
    expectTypeOf<WahaWebhookConfig>().toExtend<WebhookConfig>();
    expectTypeOf<EventHandlers>().toEqualTypeOf<providers.EventHandlers>();
  });
});
