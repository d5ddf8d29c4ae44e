import type { ServerMessage } from './messages';
import type { Port } from './port';

/**
 * Posts an answer that may hold something that cannot cross: first as it is, then as its JSON copy, then as a bare failure
 * with the same id, so that a caller never waits for an answer that a clone error swallowed.
 */
export function safePost(port: Port, message: ServerMessage, report: (error: unknown) => void): void {
  try {
    port.send(message);
    return;
  } catch (cloneError) {
    report(cloneError);
  }
  try {
    port.send(JSON.parse(JSON.stringify(message)));
    return;
  } catch (jsonError) {
    report(jsonError);
  }
  if (message.type !== 'answer' && message.type !== 'end') return;
  const error = { code: 'rpc.unsendable', message: 'The answer holds a value that cannot be sent to the window.' };
  try {
    port.send({ ...message, result: { ok: false, error } });
  } catch (portError) {
    report(portError);
  }
}
