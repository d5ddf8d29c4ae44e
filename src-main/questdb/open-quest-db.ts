import type { QuestDbStatus } from '@shared/contract';
import { ExternalServer } from './server/external-server';
import { ManagedServer } from './server/managed-server';
import type { QuestDbServer, ServerLogger } from './server/quest-db-server';

export interface OpenQuestDbOptions {
  workspace: string;
  /** PG-wire address of the user's own server; the workspace's own is started without. */
  dsn?: string | undefined;
  /** HTTP address of the same server; the DSN's host and port 9000 without. */
  httpUrl?: string | undefined;
  /** Jar and java program named by the user. */
  jar?: string | undefined;
  java?: string | undefined;
  /** Those inside the packaged app. */
  bundled?: { jar?: string | undefined; java?: string | undefined };
  /** Where a fetched jar is kept; `cache` of the workspace without. */
  jarCache?: string | undefined;
  env?: NodeJS.ProcessEnv;
  /** Further keys of QuestDB's own configuration. */
  config?: Readonly<Record<string, string>>;
  logger?: ServerLogger | undefined;
  onStatus?: (status: QuestDbStatus) => void;
}

/** The server of a workspace, not yet started. */
export function openQuestDb(options: OpenQuestDbOptions): QuestDbServer {
  const server = options.dsn ? new ExternalServer({ dsn: options.dsn, httpUrl: options.httpUrl }) : managed(options);
  if (options.onStatus) server.onStatus(options.onStatus);
  return server;
}

function managed({ workspace, jar, java, bundled, jarCache, env, config, logger }: OpenQuestDbOptions): QuestDbServer {
  const environment = env ? { env } : {};
  return new ManagedServer({
    workspace,
    jar: { setting: jar, bundled: bundled?.jar, cache: jarCache, ...environment },
    java: { setting: java, bundled: bundled?.java, ...environment },
    config,
    logger,
  });
}
