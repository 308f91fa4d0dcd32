import { describe, expect, it } from "vitest";
import type { IngestTarget, Instance, ProviderServer, Tenant } from "../store/contract/index.ts";
import { chooseInstance } from "./choose-instance.ts";

const tenant: Tenant = { id: "acme", name: "Acme", active: true, ingestToken: "t", createdAt: 0 };
const server: ProviderServer = {
  id: "srv_1",
  tenantId: "acme",
  name: "evo-a",
  provider: "evolution",
  baseUrl: "https://a.example",
  apiKey: "",
  ingestToken: "s",
  createdAt: 0,
};
const instance = (change: Partial<Instance> = {}): Instance => ({
  id: "ins_1",
  tenantId: "acme",
  name: "suporte",
  providerName: "suporte",
  provider: "evolution",
  ingestToken: "i",
  createdAt: 0,
  ...change,
});
const none = (): boolean => false;
const byTenant: IngestTarget = { kind: "tenant", tenant };
const byServer: IngestTarget = { kind: "server", tenant, server };

describe("whose a webhook is", () => {
  it("an instance's own address wins over the name in the body, with a visible warning", () => {
    const target: IngestTarget = { kind: "instance", tenant, instance: instance() };
    expect(chooseInstance(target, { instanceName: "other" }, [], none)).toEqual({
      kind: "known",
      instance: instance(),
      warning: "instance_name_differs",
    });
    expect(chooseInstance(target, {}, [], none)).toEqual({ kind: "known", instance: instance() });
  });

  it("a body without a name under a server's or tenant's address belongs to no instance", () => {
    expect(chooseInstance(byTenant, {}, [], none)).toEqual({ kind: "unassigned" });
    expect(chooseInstance(byServer, {}, [], none)).toEqual({ kind: "unassigned" });
  });

  it("an unknown name becomes an instance", () => {
    expect(
      chooseInstance(
        byTenant,
        { instanceName: "vendas", serverUrl: "https://a.example" },
        [],
        none,
      ),
    ).toEqual({
      kind: "new",
      name: "vendas",
      providerName: "vendas",
      serverUrl: "https://a.example",
    });
  });

  it("two servers with the same instance name under one tenant's address are told apart", () => {
    const first = instance({ serverUrl: "https://a.example" });
    expect(
      chooseInstance(
        byTenant,
        { instanceName: "suporte", serverUrl: "https://a.example" },
        [first],
        none,
      ),
    ).toEqual({
      kind: "known",
      instance: first,
    });
    expect(
      chooseInstance(
        byTenant,
        { instanceName: "suporte", serverUrl: "https://b.example:8080" },
        [first],
        (name) => name === "suporte",
      ),
    ).toEqual({
      kind: "new",
      name: "suporte@b.example:8080",
      providerName: "suporte",
      serverUrl: "https://b.example:8080",
    });
  });

  it("a body that says no server goes to the instance of that name", () => {
    const first = instance({ serverUrl: "https://a.example" });
    expect(chooseInstance(byTenant, { instanceName: "suporte" }, [first], none)).toEqual({
      kind: "known",
      instance: first,
    });
  });

  it("a server's address finds its own instance, never a namesake of another server", () => {
    const foreign = instance({ id: "ins_2", serverId: "srv_2" });
    const own = instance({ id: "ins_3", name: "suporte@evo-a", serverId: "srv_1" });
    expect(chooseInstance(byServer, { instanceName: "suporte" }, [foreign, own], none)).toEqual({
      kind: "known",
      instance: own,
    });
    expect(
      chooseInstance(
        byServer,
        { instanceName: "suporte" },
        [foreign],
        (name) => name === "suporte",
      ),
    ).toEqual({
      kind: "new",
      name: "suporte@evo-a",
      providerName: "suporte",
      serverId: "srv_1",
    });
  });

  it("a name stays unique however many are taken", () => {
    const taken = new Set(["suporte", "suporte@evo-a", "suporte@evo-a-2"]);
    expect(
      chooseInstance(byServer, { instanceName: "suporte" }, [], (name) => taken.has(name)),
    ).toMatchObject({ name: "suporte@evo-a-3" });
  });
});
