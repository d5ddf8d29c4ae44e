import type { QuestDbStatus } from '@shared/contract';
import type { QuestDbAddress } from '../address';

/** A QuestDB that Tapemend uses: the workspace's own or the user's. */
export interface QuestDbServer {
  readonly status: QuestDbStatus;
  /** Resolves when the server answers. Calls that come together share one start; a signal gives up only its own call. */
  start(signal?: AbortSignal): Promise<QuestDbAddress>;
  /** Ends a start under way and leaves the server; the workspace's own ends with the last Tapemend that leaves. */
  stop(): Promise<void>;
  /** The newest lines that the workspace's own server has logged; empty for the user's. */
  logTail(): string[];
  /** Calls the listener at every change of `status`; answers with the way to end that. */
  onStatus(listener: (status: QuestDbStatus) => void): () => void;
  /** Where the server answers; after a crash the last known address, null before the first start. */
  address(): QuestDbAddress | null;
}

export interface ServerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
