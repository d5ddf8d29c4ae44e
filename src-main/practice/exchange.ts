import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@shared/contract';
import { ArchiveStore } from './archive-store';
import { CandleBook } from './candle-book';
import { emptyDataRoot, readDataRoot } from './data-root';
import { ExchangeClock } from './exchange-clock';
import type { FaultRule } from './fault-rules';
import { FaultSwitch } from './faults';
import { HttpFront } from './http-front';
import { IpBudget } from './ip-budget';
import { practiceMarkets } from './markets';
import type { PracticeOptions } from './options';
import { type LoggedRequest, type PracticeCounters, RequestLog } from './request-log';
import { RestApi } from './rest-api';
import type { FaultStorm } from './storm';
import { StreamServer } from './stream-server';
import { TradeTape } from './trade-tape';

const DEFAULT_SEED = 20_170_714;
const DEFAULT_CACHE_BYTES = 64 << 20;

/** Base addresses, without a trailing slash. */
export interface PracticeUrls {
  restUrl: string;
  archiveUrl: string;
  archiveListUrl: string;
  streamUrl: string;
}

export interface PracticeExchange extends PracticeUrls {
  counters(): PracticeCounters;
  /** Replaces all fault rules. */
  setFaults(rules: readonly (FaultRule | FaultStorm)[]): void;
  /** The newest few thousand requests, oldest first. */
  requestsLog(): LoggedRequest[];
  /** Ends every connection, hanging ones too. */
  close(): Promise<void>;
}

/**
 * Starts the practice exchange in this thread, on loopback. Throws `AppError`: usage.practice_data_root,
 * usage.practice_symbol, exchange.practice_port.
 */
export async function startPracticeExchange(options: PracticeOptions = {}): Promise<PracticeExchange> {
  const { seed = DEFAULT_SEED, weightLimit = 6_000, futuresWeightLimit = 2_400, clockRate = 1 } = options;
  const markets = practiceMarkets(options.extraSymbols);
  const dataRoot = options.dataRoot === undefined ? emptyDataRoot() : await readDataRoot(options.dataRoot);
  const { offGridRest = false, tradeCrowds = false } = options;
  const book = new CandleBook(markets, seed, offGridRest, dataRoot.candles, tradeCrowds);
  const tape = new TradeTape(book);
  const clock = new ExchangeClock(options.now ?? Date.now, options.clockSkewMs ?? 0, clockRate);
  const faults = new FaultSwitch(seed, options.faults);
  const budget = (limit: number) => new IpBudget(limit, options.strikesBeforeBan ?? 10, clockRate);
  const budgets = { spot: budget(weightLimit), um: budget(futuresWeightLimit), cm: budget(futuresWeightLimit) };
  const log = new RequestLog(budgets);
  const archives = new ArchiveStore(
    book,
    tape,
    dataRoot,
    options.publication ?? {},
    options.archiveCacheBytes ?? DEFAULT_CACHE_BYTES,
  );
  const latencyMs = options.latencyMs ?? 0;
  const futuresTradesDepthMs = options.futuresTradesDepthMs ?? Number.POSITIVE_INFINITY;
  const api = new RestApi({ book, tape, budgets, futuresTradesDepthMs });
  const front = new HttpFront({ api, archives, clock, budgets, faults, log, latencyMs });
  const server = createServer((request, response) => {
    front.handle(request, response).catch((error: unknown) => {
      // A bug of ours must not look like a fault of the exchange's.
      console.error('practice exchange:', error);
      response.destroy();
    });
  });
  const streams = new StreamServer({ book, clock, faults, log, options: options.stream ?? {} });
  server.on('upgrade', (request, socket, head) => streams.upgrade(request, socket, head));
  const port = await listen(server, options.port ?? 0);
  const origin = `http://127.0.0.1:${port}`;
  return {
    restUrl: origin,
    archiveUrl: origin,
    archiveListUrl: `${origin}/data.binance.vision`,
    streamUrl: `ws://127.0.0.1:${port}`,
    counters: () => log.counters(),
    setFaults: (rules) => faults.set(rules),
    requestsLog: () => log.newest(),
    close: async () => {
      streams.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AppError(
          'exchange.practice_port',
          `The practice exchange cannot listen on 127.0.0.1:${port} (${cause.message}); choose another port, or 0 for a free one.`,
          undefined,
          { cause },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
