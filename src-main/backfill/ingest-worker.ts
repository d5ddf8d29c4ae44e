import { parentPort } from 'node:worker_threads';
import { failureOf } from '@shared/contract';
import { type IngestTask, ingestArchive } from './ingest';

/** Entry of an ingest worker thread: one task in, one result or failure out. */
const port = parentPort;
if (!port) throw new Error('ingest-worker runs only as a worker thread');

port.on('message', async ({ id, task }: { id: number; task: IngestTask }) => {
  try {
    const result = await ingestArchive(task);
    const buffers = [...new Set(result.bodies.map((body) => body.buffer as ArrayBuffer))];
    port.postMessage({ id, ok: true, result }, buffers);
  } catch (error) {
    port.postMessage({ id, ok: false, failure: failureOf(error) });
  }
});
