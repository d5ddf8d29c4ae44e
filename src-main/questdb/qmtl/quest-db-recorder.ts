import { AppError } from '@shared/contract';
import type { BoundStream, EventRecorder } from '../../dag';
import type { QuestDbAddress } from '../address';
import { IlpWriter, type IlpWriterOptions } from '../store/ilp-writer';
import { SqlClient } from '../store/sql-client';
import { encodePayloadLine } from './encode-payload-lines';
import { HistoryTable, type HistoryTableOptions } from './history-table';

export interface QuestDBRecorderOptions extends HistoryTableOptions, IlpWriterOptions {
  /** Events that go in one request at most. */
  batchRows?: number;
}

interface WaitingEvent {
  line: string;
  interval: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Stores events of a stream, one row per (node id, interval, time); the same event again replaces its row. Events that arrive
 * while a request is under way go together in the next one. Makes the table if there is none.
 */
export class QuestDBRecorder implements EventRecorder {
  readonly #table: HistoryTable;
  readonly #sql: SqlClient;
  readonly #writer: IlpWriter;
  readonly #batchRows: number;
  #waiting: WaitingEvent[] = [];
  #sending: Promise<void> | null = null;

  constructor(server: string | QuestDbAddress, options: QuestDBRecorderOptions = {}) {
    this.#table = new HistoryTable(server, options);
    const address = () => this.#table.address;
    this.#sql = new SqlClient(address);
    this.#writer = new IlpWriter(address, options);
    this.#batchRows = options.batchRows ?? 10_000;
  }

  bindStream(stream: BoundStream): void {
    this.#table.bind(stream);
  }

  /** Name of the table that takes the events. */
  get table(): string {
    return this.#table.name;
  }

  /** `timestamp` in seconds; the payload's keys are columns. Resolves when the event is durable. */
  persist(nodeId: string, interval: number, timestamp: number, payload: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = encodePayloadLine(this.#table.rowsOf(nodeId, interval), timestamp, payload);
      this.#waiting.push({ line, interval, resolve, reject });
      this.#sending ??= this.#sendAll().finally(() => {
        this.#sending = null;
      });
    });
  }

  /** Resolves when everything given so far is stored and can be read; failures went to the callers of `persist`. */
  async flush(): Promise<void> {
    while (this.#sending) await this.#sending;
    if (await this.#exists())
      await this.#sql.query(`SELECT wait_wal_table('${this.table}')`, [], 'recorded events are waited for');
  }

  /** Stores what waits and lets the connections go. */
  async close(): Promise<void> {
    while (this.#sending) await this.#sending;
    this.#writer.close();
    await this.#sql.close();
  }

  async #exists(): Promise<boolean> {
    const rows = await this.#sql.query('SELECT name FROM wal_tables() WHERE name = $1', [this.table]);
    return rows.length > 0;
  }

  async #sendAll(): Promise<void> {
    // One turn of the event loop, so that events of one moment share a request.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#batchRows);
      try {
        await this.#table.ensure(this.#sql, batch[0]!.interval);
        await this.#send(batch);
      } catch (error) {
        for (const event of batch) event.reject(error);
      }
    }
  }

  /** A refused request stored nothing; its halves are sent again, so that one bad event does not take others with it. */
  async #send(batch: readonly WaitingEvent[]): Promise<void> {
    try {
      await this.#writer.writeLines(Buffer.from(batch.map((event) => event.line).join('')));
      for (const event of batch) event.resolve();
    } catch (error) {
      const splits = error instanceof AppError && error.code === 'questdb.bad_lines' && batch.length > 1;
      if (!splits) {
        for (const event of batch) event.reject(error);
        return;
      }
      const middle = batch.length >> 1;
      await this.#send(batch.slice(0, middle));
      await this.#send(batch.slice(middle));
    }
  }
}
