import { complaintsAbout, isObject, type Members, type Schema } from "./complaints.ts";

/** How an instance behaves; `/instance/create`, `/settings/set` and the list speak of it. */
export interface InstanceSettings {
  readonly rejectCall: boolean;
  readonly msgCall: string;
  readonly groupsIgnore: boolean;
  readonly alwaysOnline: boolean;
  readonly readMessages: boolean;
  readonly readStatus: boolean;
  readonly syncFullHistory: boolean;
  readonly wavoipToken: string;
}

export const settingFields = [
  { name: "rejectCall", type: "boolean" },
  { name: "msgCall", type: "string" },
  { name: "groupsIgnore", type: "boolean" },
  { name: "alwaysOnline", type: "boolean" },
  { name: "readMessages", type: "boolean" },
  { name: "readStatus", type: "boolean" },
  { name: "syncFullHistory", type: "boolean" },
  { name: "wavoipToken", type: "string" },
] as const;

const schema: Schema = {
  fields: settingFields,
  required: [
    "rejectCall",
    "groupsIgnore",
    "alwaysOnline",
    "readMessages",
    "readStatus",
    "syncFullHistory",
  ],
};

/** Creation's reading: whatever is not exactly true is false. */
export function settingsFrom(body: Members): InstanceSettings {
  const text = (name: string): string => (typeof body[name] === "string" ? body[name] : "");
  return {
    rejectCall: body["rejectCall"] === true,
    msgCall: text("msgCall"),
    groupsIgnore: body["groupsIgnore"] === true,
    alwaysOnline: body["alwaysOnline"] === true,
    readMessages: body["readMessages"] === true,
    readStatus: body["readStatus"] === true,
    syncFullHistory: body["syncFullHistory"] === true,
    wavoipToken: text("wavoipToken"),
  };
}

/** What `POST /settings/set` does with a body: absent texts keep their old value. */
export function setSettings(
  body: unknown,
  previous: InstanceSettings,
): { readonly complaints: readonly string[] } | { readonly settings: InstanceSettings } {
  const members = isObject(body) ? body : {};
  const complaints = complaintsAbout(members, schema, "");
  if (complaints.length > 0) return { complaints };
  return { settings: settingsFrom({ ...previous, ...members }) };
}
