import { shownContact, shownGroup } from "../mailbox/address-book.ts";
import { readChatId } from "../mailbox/message-id.ts";
import type { FakeSession } from "../session/fake-session.ts";
import { checkQuery } from "./message-routes.ts";
import { empty, ok, sessionOf, type WahaCall, type WahaRoute } from "./route.ts";
import { findInStatus, type WahaWorld } from "./waha-world.ts";

/** Contacts, LIDs, groups, labels. */

const groupsMs = 5_000;

export function peopleRoutes(world: WahaWorld): WahaRoute[] {
  const working = (name: string): Promise<FakeSession> => findInStatus(world, name, ["WORKING"]);
  const get = (
    template: string,
    answer: (session: FakeSession, call: WahaCall) => ReturnType<WahaRoute["handle"]>,
  ): WahaRoute => ({
    method: "GET",
    template,
    needs: "read",
    handle: async (call) => answer(await working(sessionOf(call)), call),
  });
  const asked = ({ request }: WahaCall, name: string): string => request.query.get(name) ?? "";
  const page = <Item>(items: readonly Item[], { request }: WahaCall): readonly Item[] => {
    checkQuery(request.query);
    const offset = Number(request.query.get("offset") ?? 0);
    return items.slice(offset, offset + Number(request.query.get("limit") ?? 100));
  };
  const contactOf = ({ mailbox }: FakeSession, call: WahaCall) => {
    const wanted = readChatId(asked(call, "contactId"));
    return mailbox.book.contacts().find(({ id }) => id === wanted);
  };
  return [
    get("/api/contacts", (session, call) => {
      const contact = contactOf(session, call);
      return contact ? ok(shownContact(contact)) : empty(200);
    }),
    get("/api/contacts/all", ({ mailbox }, call) =>
      ok(page(mailbox.book.contacts(), call).map(shownContact)),
    ),
    get("/api/contacts/profile-picture", (session, call) =>
      ok({ profilePictureURL: contactOf(session, call)?.picture ?? null }),
    ),
    get("/api/contacts/check-exists", (_session, call) => {
      const phone = asked(call, "phone").replace(/\D/g, "");
      const numberExists = !world.notOnWhatsApp.has(phone);
      return ok({ numberExists, chatId: numberExists ? `${phone}@c.us` : null });
    }),
    get("/api/:session/lids", ({ mailbox }, call) => ok(page(mailbox.book.lids(), call))),
    get("/api/:session/lids/count", ({ mailbox }) => ok({ count: mailbox.book.lids().length })),
    get("/api/:session/lids/:lid", ({ mailbox }, { param }) =>
      ok(mailbox.book.byLid(param("lid"))),
    ),
    get("/api/:session/lids/pn/:phone", ({ mailbox }, { param }) =>
      ok(mailbox.book.byPhone(param("phone"))),
    ),
    get("/api/:session/labels", () => ok([])),
    get("/api/:session/groups", async ({ mailbox }, call) => {
      await world.pause(groupsMs);
      const groups = page(mailbox.book.groups(), call);
      // Recorded: an object by id on NOWEB.
      if (world.edition.engine !== "NOWEB") return ok(groups.map(shownGroup));
      return ok(Object.fromEntries(groups.map((id) => [id, shownGroup(id)])));
    }),
  ];
}
