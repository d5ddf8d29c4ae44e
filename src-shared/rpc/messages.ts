import type { Failure, Result } from '../contract';

/** Grows when the two sides would no longer understand each other. */
export const PROTOCOL_VERSION = 1;

/** What a client sends. Ids are unsigned 32-bit numbers, unique among the calls and streams under way. */
export type ClientMessage =
  | { type: 'call'; id: number; route: string; body: unknown }
  | { type: 'open'; id: number; route: string; body: unknown }
  | { type: 'cancel'; id: number }
  /** Bytes of stream `id` processed since the last acknowledgement. */
  | { type: 'ack'; id: number; bytes: number };

/** What a server sends, besides column frames as bare ArrayBuffers. */
export type ServerMessage =
  | { type: 'hello'; protocol: number }
  /** The server cannot serve at all: every pending and future call fails with this reason. */
  | { type: 'refused'; error: Failure }
  | { type: 'answer'; id: number; result: Result<unknown> }
  /** End of a stream after `frames` frames. */
  | { type: 'end'; id: number; frames: number; result: Result<null> }
  | { type: 'event'; name: string; data: unknown };

const MAX_ID = 0xffff_ffff;

export function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_ID;
}

/** Reads a message of the untrusted side; null when it has no known shape. */
export function readClientMessage(message: unknown): ClientMessage | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, id, route, body, bytes } = message as Record<string, unknown>;
  if (!isId(id)) return null;
  switch (type) {
    case 'call':
    case 'open':
      return typeof route === 'string' ? { type, id, route, body } : null;
    case 'cancel':
      return { type, id };
    case 'ack':
      return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 ? { type, id, bytes } : null;
    default:
      return null;
  }
}

/** Id of a message that has none of the known shapes, so that at least its sender can be answered. */
export function idOf(message: unknown): number | null {
  const id = typeof message === 'object' && message !== null ? (message as { id?: unknown }).id : null;
  return isId(id) ? id : null;
}
