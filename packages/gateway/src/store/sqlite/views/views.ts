import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ChatSummary, Message } from "@recado/protocol";
import type { Logger } from "../../../base/logger.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import type {
  ChatFilter,
  MessageFilter,
  TenantScope,
  ViewPage,
  Views,
} from "../../contract/index.ts";
import type { Reader } from "../reading/reader.ts";
import { ViewFollow } from "./following/view-follow.ts";

export interface SqliteViewsOptions {
  readonly reader: Reader;
  readonly logger: Logger;
  /** Path of `views.db`. */
  readonly path: string;
  readonly textSearch: boolean;
}

/** Beside the log's own file. */
export function viewsPath(database: string): string {
  return join(dirname(database), "views.db");
}

/** The views by way of the reader thread, which builds them from the first question on. */
export class SqliteViews implements Views {
  readonly #reader: Reader;
  readonly #textSearch: boolean;
  readonly #follow: ViewFollow;

  constructor({ reader, logger, path, textSearch }: SqliteViewsOptions) {
    this.#reader = reader;
    this.#textSearch = textSearch;
    this.#follow = new ViewFollow({ logger, step: () => reader.ask("followViews", {}) });
    // Also for a file with words that must not be kept any more.
    if (textSearch || existsSync(path)) this.#follow.begin();
  }

  async messages(scope: TenantScope, filter: MessageFilter): Promise<ViewPage<Message>> {
    if (filter.text !== undefined && !this.#textSearch) throw new RecadoError("text_search_off");
    this.#follow.begin();
    return this.#reader.ask("messages", { tenantId: scope.tenantId, filter });
  }

  async chats(scope: TenantScope, filter: ChatFilter): Promise<ViewPage<ChatSummary>> {
    this.#follow.begin();
    return this.#reader.ask("chats", { tenantId: scope.tenantId, filter });
  }

  /** Something was committed. */
  committed(): void {
    this.#follow.nudge();
  }

  close(): void {
    this.#follow.close();
  }
}
