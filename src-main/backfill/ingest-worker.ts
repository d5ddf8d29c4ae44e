import { parentPort } from 'node:worker_threads';
import { failureOf } from '@shared/contract';
import { type IngestTask, ingestArchive } from './ingest';
import { ingestTradeArchive, type TradeIngestTask } from './ingest-trades';
import { SpareMemory } from './spare-memory';

export type IngestMessage =
  | { id: number; task: IngestTask }
  | { id: number; trades: TradeIngestTask }
  /** A body of trades was written, or could not be. */
  | { id: number; written: boolean }
  | { spare: SharedArrayBuffer[] };

/** Entry of an ingest worker thread: one task in, one result or failure out; memory of written bodies comes back as spare. */
const port = parentPort;
if (!port) throw new Error('ingest-worker runs only as a worker thread');

const spare = new SpareMemory();
/** Bodies that are being written, by task: one each. */
const writing = new Map<number, { resolve: () => void; reject: (error: unknown) => void }>();

port.on('message', async (message: IngestMessage) => {
  if ('spare' in message) return spare.give(message.spare);
  const { id } = message;
  if ('written' in message) {
    const waiting = writing.get(id);
    writing.delete(id);
    return message.written ? waiting?.resolve() : waiting?.reject(new Error('the rows could not be written'));
  }
  try {
    const result =
      'trades' in message
        ? await ingestTradeArchive(message.trades, (body) => write(id, body), spare)
        : await ingestArchive(message.task, spare);
    port.postMessage({ id, ok: true, result });
  } catch (error) {
    port.postMessage({ id, ok: false, failure: failureOf(error) });
  }
});

async function write(id: number, body: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    writing.set(id, { resolve, reject });
    port!.postMessage({ id, body });
  });
  if (body.buffer instanceof SharedArrayBuffer) spare.give([body.buffer]);
}
