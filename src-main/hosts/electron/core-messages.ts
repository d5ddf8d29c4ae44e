import type { Failure } from '@shared/contract';

export interface CoreStart {
  workspace: string;
  version: string;
  flags: { practice?: boolean; demo?: boolean };
  /** Folder of the packaged parts (QuestDB, Java runtime); absent in a checkout. */
  resourcesPath?: string;
}

/** What the main process says to the core's process. `connect` comes with a port to a window. */
export type ToCore = { type: 'start'; start: CoreStart } | { type: 'connect' } | { type: 'stop' };

/** What the core's process answers. */
export type FromCore =
  | { type: 'ready' }
  | { type: 'failed'; error: Failure }
  /** How many jobs are under way or waiting, when that changed, and how many of those are adoptions. */
  | { type: 'jobs'; count: number; adoptions: number };
