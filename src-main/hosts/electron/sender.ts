import { originOf } from './permissions';

/** The part of an IPC event that tells who sent it. */
export interface SenderEvent {
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}

/** True for the top frame of our own page. A frame that is gone, empty, nested or foreign is refused. */
export function isTrustedSender({ senderFrame }: SenderEvent, ownOrigin: string): boolean {
  return senderFrame !== null && senderFrame.parent === null && originOf(senderFrame.url) === ownOrigin;
}
