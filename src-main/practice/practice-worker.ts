import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '@shared/contract';
import { startPracticeExchange } from './exchange';
import type { PracticeCall, PracticeReport } from './launch';
import type { PracticeOptions } from './options';

/** Entry of the practice exchange's thread: starts it, then answers the calls of its handle. */
const port = parentPort;
if (!port) throw new Error('practice-worker runs as a worker thread only');
const report = (message: PracticeReport) => port.postMessage(message);

try {
  const exchange = await startPracticeExchange(workerData as PracticeOptions);
  const { restUrl, archiveUrl, archiveListUrl, streamUrl } = exchange;
  port.on('message', async (call: PracticeCall) => {
    switch (call.name) {
      case 'counters':
        return report({ id: call.id, value: exchange.counters() });
      case 'requestsLog':
        return report({ id: call.id, value: exchange.requestsLog() });
      case 'setFaults':
        exchange.setFaults(call.rules);
        return report({ id: call.id, value: null });
      case 'close':
        await exchange.close();
        report({ id: call.id, value: null });
        return port.close();
    }
  });
  report({ urls: { restUrl, archiveUrl, archiveListUrl, streamUrl } });
} catch (error) {
  report({ failure: failureOf(error) });
  port.close();
}
