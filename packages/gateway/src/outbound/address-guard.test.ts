import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { classifyAddress, sameAddress } from "./address-class.ts";
import { inspectUrl, judgeAddress, type GuardPolicy } from "./address-guard.ts";
import { noAllowTargets, parseAllowTargets } from "./allow-targets.ts";

const strict: GuardPolicy = { allowPrivate: false, targets: noAllowTargets };
const openPrivate: GuardPolicy = { allowPrivate: true, targets: noAllowTargets };

function operator(...entries: readonly string[]): GuardPolicy {
  const parsed = parseAllowTargets(entries);
  if (!parsed.ok) throw new Error(parsed.reason);
  return { allowPrivate: false, targets: parsed.targets };
}

function codeOf(url: string, policy: GuardPolicy = strict): string {
  const verdict = inspectUrl(url, policy);
  return verdict.ok ? "ok" : verdict.code;
}

const label64 = "a".repeat(64);

describe("an address that leads into a private or reserved network is refused when it is configured", () => {
  test.each([
    // Loopback in the spellings that the WHATWG parser understands
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://127.0.0.1./",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/",
    "http:127.0.0.1/",
    "http:///127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "ht\ntp://127.0.0.1/",
    "http://127.0.0.1/\t",
    "\u0000http://127.0.0.1/",
    // IPv6, and IPv4 inside IPv6
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::7f00:1]/",
    "http://[::ffff:0:7f00:1]/",
    "http://[::5efe:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::1]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[fc00::1]/",
    "http://[fd12::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[febf::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[5f00::1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[4000::1]/",
    // Metadata servers by name of their cloud
    "http://169.254.169.254/latest/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://[fd00:ec2::254]/",
    "http://[fd20:ce::254]/",
    // Ranges at both ends
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.88.99.1/",
    "http://192.0.0.1/",
    // Names that never leave a network
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://foo.localhost/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://metadata.google.internal/",
    "http://db.internal/",
    "http://printer.local/",
    "http://nas.home.arpa/",
    "http://intranet/",
    "http://n8n:5678/x",
  ])("%j", (url) => expect(codeOf(url)).toBe("url_blocked"));
});

describe("an address that is no address to call is refused as invalid", () => {
  test.each([
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "gopher://hooks.example/",
    "data:,x",
    "javascript:alert(1)",
    "ws://hooks.example/",
    "hooks.example/x",
    "",
    "//hooks.example/",
    "http://user:pw@hooks.example/",
    "http://hooks.example@127.0.0.1/",
    "http://127.0.0.1#@hooks.example/",
    "https://hooks.example/#x",
    "https://hooks.example/#",
    "http://hooks.example:0/",
    "http://hooks.example:22/",
    "http://hooks.example:25/",
    "http://hooks.example:6379/",
    "http://hooks.example:5432/",
    "http://hooks.example:81/",
    "http://hooks.example:65536/",
    "http://[127.0.0.1]/",
    "http://256.0.0.1/",
    "http://1.2.3.4.5/",
    "http://[fe80::1%25eth0]/",
    "http://a.b.0x7f/",
    `http://${label64}.example/`,
    `http://${"abcdefgh.".repeat(31)}example/`,
    "http://hooks..example/",
    `https://hooks.example/${"x".repeat(2048)}`,
    "ht\ntp://hooks.example/",
    "https://hooks.example/a\tb",
  ])("%j", (url) => expect(codeOf(url)).toBe("url_invalid"));
});

describe("a public address is accepted", () => {
  test.each([
    "https://hooks.example/",
    "http://hooks.example:8080/x?y=1",
    "https://hooks.example:443/",
    "http://1.1.1.1/",
    "http://[2606:4700:4700::1111]/",
    "https://hooks.example./x",
    "http://[64:ff9b::5db8:d822]/",
    "http://172.32.0.1/",
    "http://100.128.0.1/",
    "http://11.0.0.1/",
    "https://müller.example/",
    "https://127.0.0.1.nip.example/",
  ])("%j", (url) => expect(codeOf(url)).toBe("ok"));

  test("a backslash ends the host: what follows is a path", () => {
    const verdict = inspectUrl("http://hooks.example\\@127.0.0.1/", strict);
    expect(verdict.ok && verdict.target.url.host).toBe("hooks.example");
  });
});

describe("private networks are the operator's to open", () => {
  test.each([
    "http://10.1.2.3/",
    "http://127.0.0.1:8080/",
    "http://[fd12::1]/",
    "http://n8n:5678/",
  ])("allowPrivate opens %s", (url) => expect(codeOf(url, openPrivate)).toBe("ok"));

  test.each([
    "http://169.254.169.254/",
    "http://169.254.1.1/",
    "http://[fe80::1]/",
    "http://0.0.0.0/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://[fd00:ec2::254]/",
    "http://[::ffff:127.0.0.1]/",
    "http://224.0.0.1/",
    "http://metadata.google.internal/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://192.0.2.1/",
  ])("allowPrivate leaves %s closed", (url) =>
    expect(codeOf(url, openPrivate)).toBe("url_blocked"),
  );

  test("a listed range opens its addresses and no others", () => {
    const policy = operator("10.5.0.0/16", "192.168.1.7");
    expect(codeOf("http://10.5.9.9/", policy)).toBe("ok");
    expect(codeOf("http://192.168.1.7/", policy)).toBe("ok");
    expect(codeOf("http://10.6.0.1/", policy)).toBe("url_blocked");
    expect(codeOf("http://192.168.1.8/", policy)).toBe("url_blocked");
  });

  test("a listed name opens that name whatever its case, and no other", () => {
    const policy = operator("N8N", "hooks.internal.");
    expect(codeOf("http://n8n:5678/", policy)).toBe("ok");
    expect(codeOf("http://hooks.internal/", policy)).toBe("ok");
    expect(codeOf("http://evil.hooks.internal/", policy)).toBe("url_blocked");
  });

  test("not even the widest range opens link-local and metadata addresses", () => {
    const policy = operator("0.0.0.0/0", "::/0");
    for (const address of ["169.254.169.254", "169.254.0.1", "168.63.129.16", "100.100.100.200"]) {
      expect(judgeAddress(address, policy, true)).toBe(false);
    }
    for (const address of ["fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "::", "ff02::1"]) {
      expect(judgeAddress(address, policy, true)).toBe(false);
    }
  });

  test.each(["10.0.0.0/33", "10.0/8", "http://n8n", "a b", "", "n8n:5678", "::/129"])(
    "the list entry %j is refused in words",
    (entry) => expect(parseAllowTargets([entry])).toMatchObject({ ok: false }),
  );

  test("a refusal says who can open the address and what stays closed", () => {
    const verdict = inspectUrl("http://10.0.0.1/", strict);
    expect(verdict).toMatchObject({ ok: false });
    const reason = verdict.ok ? "" : verdict.reason;
    for (const word of ["DELIVERY_ALLOW_TARGETS", "allowPrivate", "link-local", "metadata"]) {
      expect(reason).toContain(word);
    }
  });
});

describe("addresses", () => {
  const ipv4 = fc.integer({ min: 0, max: 0xff_ff_ff_ff }).map((value) => {
    const bytes = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
    return bytes.join(".");
  });

  test("no IPv4 address outside the public space is ever public", () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        const range = ipaddr.parse(address).range();
        return classifyAddress(address) !== "public" || range === "unicast";
      }),
      { numRuns: 2_000 },
    );
  });

  test("an IPv4 address inside IPv6 is never more reachable than itself", () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        const mapped = `::ffff:${address}`;
        const translated = ipaddr.IPv6.parse(`64:ff9b::${address}`).toString();
        return (
          classifyAddress(mapped) === "embedded" &&
          classifyAddress(translated) === classifyAddress(address)
        );
      }),
      { numRuns: 500 },
    );
  });

  test("text that is no address is never connected to", () => {
    for (const text of ["", "localhost", "127.1", "0x7f.1", "1.2.3.4.5", "[::1]"]) {
      expect(judgeAddress(text, operator("0.0.0.0/0"), true)).toBe(false);
    }
  });

  test("a socket's address is compared by value", () => {
    expect(sameAddress("::ffff:10.0.0.1", "10.0.0.1")).toBe(true);
    expect(sameAddress("2606:4700::0001", "2606:4700::1")).toBe(true);
    expect(sameAddress("10.0.0.1", "10.0.0.2")).toBe(false);
    expect(sameAddress("", "10.0.0.1")).toBe(false);
  });
});
