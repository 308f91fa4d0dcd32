/**
 * The contact of a stored event, up to where its phone stands: members are written in the order jid, lid,
 * phone, name. Inside a JSON string the quotation marks would be escaped, so that nothing but a member
 * can match.
 */
const contactByLid =
  /"contact":\{"jid":"([^"\\]+@(?:hosted\.)?lid)"(?:,"lid":"[^"\\]*")?(?!,"(?:lid|phone)":)/;

const server = "@s.whatsapp.net";

function find(json: string): RegExpExecArray | undefined {
  // `data` comes last, may be large, and may hold contacts of its own.
  const head = json.slice(0, json.indexOf('"data":'));
  return contactByLid.exec(head) ?? undefined;
}

/** The LID of an event's contact, when the event says no phone of it; undefined otherwise. Pure. */
export function lidWithoutPhone(json: string): string | undefined {
  return find(json)?.[1];
}

/**
 * The event with the phone of its contact, which so far had only a LID; unchanged when it has one.
 *
 * @param phone an address, `<digits>@s.whatsapp.net`
 */
export function withContactPhone(json: string, phone: string): string {
  const found = phone.endsWith(server) ? find(json) : undefined;
  if (!found) return json;
  const end = found.index + found[0].length;
  return `${json.slice(0, end)},"phone":"${digitsOf(phone)}"${json.slice(end)}`;
}

/** The digits of a phone's address. */
export function digitsOf(phone: string): string {
  return phone.slice(0, phone.indexOf("@"));
}
