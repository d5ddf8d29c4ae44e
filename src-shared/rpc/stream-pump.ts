import { AppError, type CancelSignal, decodeFrame, stampFrame } from '../contract';
import { Credit, type CreditLimits } from './credits';
import { platform } from './platform';

export interface StreamPumpOptions {
  id: number;
  credits: CreditLimits;
  /** Starts the handler; its frames belong to the RPC layer once yielded. */
  open(signal: CancelSignal): AsyncIterable<ArrayBuffer>;
  send(frame: ArrayBuffer): void;
}

/**
 * Carries one stream from its handler to the port. The handler is pulled only while credit is left, so a consumer that stops
 * acknowledging stops the producer (a database cursor, a replay clock) as well.
 */
export class StreamPump {
  readonly #options: StreamPumpOptions;
  readonly #credit: Credit;
  readonly #abort = new platform.AbortController();
  #iterator: AsyncIterator<ArrayBuffer> | null = null;
  #frames = 0;

  constructor(options: StreamPumpOptions) {
    this.#options = options;
    this.#credit = new Credit(options.credits);
  }

  get frames(): number {
    return this.#frames;
  }

  get unacknowledged(): number {
    return this.#credit.unacknowledged;
  }

  /** Resolves when the handler has ended or the stream was cancelled; rejects with the handler's error. */
  async run(): Promise<void> {
    const iterator = this.#options.open(this.#abort.signal)[Symbol.asyncIterator]();
    this.#iterator = iterator;
    while (!this.#abort.signal.aborted) {
      await this.#credit.available();
      if (this.#abort.signal.aborted) return;
      const step = await iterator.next();
      if (step.done || this.#abort.signal.aborted) return;
      try {
        this.#send(step.value);
      } catch (error) {
        await this.cancel();
        throw error;
      }
    }
  }

  acknowledge(bytes: number): boolean {
    return this.#credit.acknowledge(bytes);
  }

  /** Aborts the handler's signal and returns its iterator. */
  async cancel(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#credit.release();
    await this.#iterator?.return?.();
  }

  #send(frame: ArrayBuffer): void {
    if (!(frame instanceof ArrayBuffer) || decodeFrame(frame) === null)
      throw new AppError('runtime.bug', 'A stream handler yielded something that is no column frame.');
    stampFrame(frame, this.#options.id, this.#frames);
    this.#options.send(frame);
    this.#frames++;
    this.#credit.sent(frame.byteLength);
  }
}
