import { parentPort } from 'node:worker_threads';
import { failureOf } from '@shared/contract';
import { type IngestTask, ingestArchive } from './ingest';
import { SpareMemory } from './spare-memory';

export type IngestMessage = { id: number; task: IngestTask } | { spare: SharedArrayBuffer[] };

/** Entry of an ingest worker thread: one task in, one result or failure out; memory of written bodies comes back as spare. */
const port = parentPort;
if (!port) throw new Error('ingest-worker runs only as a worker thread');

const spare = new SpareMemory();

port.on('message', async (message: IngestMessage) => {
  if ('spare' in message) return spare.give(message.spare);
  const { id, task } = message;
  try {
    const result = await ingestArchive(task, spare);
    port.postMessage({ id, ok: true, result });
  } catch (error) {
    port.postMessage({ id, ok: false, failure: failureOf(error) });
  }
});
