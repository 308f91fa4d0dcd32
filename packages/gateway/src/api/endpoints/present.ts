import type { EndpointResource } from "@recado/protocol";
import type { Endpoint } from "../../store/contract/index.ts";
import { definedOnly } from "../present.ts";
import { maskHeaders } from "./header-mask.ts";

export function presentEndpoint(endpoint: Endpoint): EndpointResource {
  return definedOnly({
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    types: endpoint.types && [...endpoint.types],
    instances: endpoint.instances && [...endpoint.instances],
    format: endpoint.format,
    ordering: endpoint.ordering,
    headers: maskHeaders(endpoint.headers),
    enabled: endpoint.enabled,
    allowPrivate: endpoint.allowPrivate,
    createdAt: new Date(endpoint.createdAt).toISOString(),
  });
}
