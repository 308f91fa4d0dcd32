import type { EventDraft } from "@recado/providers";
import type { Instance, TenantScope } from "../store/contract/index.ts";

/** What the door asks of whoever fetches files behind providers' links; structural, so that neither imports the other. */
export interface ProviderLinks {
  /** Our name for this link; undefined: it stays as the provider gave it. */
  markerFor(scope: TenantScope, instance: Instance, url: string): Promise<string | undefined>;
}

interface WithFile {
  readonly content?: { readonly media?: { readonly url?: string } };
}

function linkOf(draft: EventDraft): string | undefined {
  return (draft.data as WithFile).content?.media?.url;
}

export function haveLinks(drafts: readonly EventDraft[]): boolean {
  return drafts.some((draft) => linkOf(draft) !== undefined);
}

/** Drafts that name files as we do. The link comes first: who reads the text finds its object by it. */
export async function withOwnLinks(
  links: ProviderLinks,
  scope: TenantScope,
  instance: Instance,
  drafts: readonly EventDraft[],
): Promise<readonly EventDraft[]> {
  const own: EventDraft[] = [];
  for (const draft of drafts) {
    const url = linkOf(draft);
    const marker = url === undefined ? undefined : await links.markerFor(scope, instance, url);
    if (marker === undefined) {
      own.push(draft);
      continue;
    }
    const data = draft.data as WithFile;
    const { url: _, ...media } = data.content?.media ?? {};
    const content = { ...data.content, media: { url: marker, ...media } };
    own.push({ ...draft, data: { ...data, content } } as EventDraft);
  }
  return own;
}
