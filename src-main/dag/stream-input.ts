import { BackfillEngine, type BackfillEngineOptions } from './backfill-engine';
import type { BoundStream, EventRecorder, HistoryProvider } from './history';
import { type NodeOptions, SourceNode } from './node';

export interface StreamInputOptions extends Pick<NodeOptions, 'tags' | 'interval' | 'period' | 'config' | 'schema'> {
  historyProvider?: HistoryProvider | null;
  eventRecorder?: EventRecorder | null;
  /** Hears of events that the recorder could not store; without it such a failure becomes a process warning. */
  onRecorderError?: (error: unknown) => void;
}

/** Where a series of candles enters the DAG; binds its provider and recorder to itself. */
export class StreamInput extends SourceNode implements BoundStream {
  static override readonly nodeType: string = 'StreamInput';
  private readonly provider: HistoryProvider | null;
  private readonly recorder: EventRecorder | null;
  private readonly onRecorderError: (error: unknown) => void;

  constructor(options: StreamInputOptions = {}) {
    const { historyProvider = null, eventRecorder = null, onRecorderError, ...node } = options;
    super({ ...node, name: 'stream_input' });
    this.provider = historyProvider;
    this.recorder = eventRecorder;
    this.onRecorderError = onRecorderError ?? warnOfRecorder;
    historyProvider?.bindStream(this);
    eventRecorder?.bindStream(this);
  }

  get historyProvider(): HistoryProvider | null {
    return this.provider;
  }

  get eventRecorder(): EventRecorder | null {
    return this.recorder;
  }

  override get label(): string {
    const { market, symbol } = this.config;
    return typeof symbol === 'string'
      ? `stream ${String(market ?? '')} ${symbol} ${this.interval ?? ''}s`
      : super.label;
  }

  /** Loads stored bars of `[start, end)` into the window; nothing without a provider or an interval. */
  async loadHistory(start: number, end: number, options?: BackfillEngineOptions): Promise<void> {
    if (this.provider === null || this.interval === null) return;
    const engine = new BackfillEngine(this.provider, options);
    engine.submit(this, start, end);
    await engine.wait();
  }

  protected override recorded(interval: number, ts: number, payload: unknown): void {
    this.recorder?.persist(this.nodeId, interval, ts, payload).catch(this.onRecorderError);
  }
}

function warnOfRecorder(error: unknown): void {
  process.emitWarning(`An event was not stored: ${error instanceof Error ? error.message : String(error)}`);
}
