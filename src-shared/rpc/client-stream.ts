import { AppError, type ColumnFrame, type ErrorDomain, type Result } from '../contract';

interface ClientStreamHooks {
  ackEvery: number;
  acknowledge(bytes: number): void;
  cancel(): void;
  /** The stream is over, in whatever way; called once. */
  ended(): void;
}

interface Waiter {
  resolve(step: IteratorResult<ColumnFrame>): void;
  reject(error: AppError): void;
}

const DONE: IteratorResult<ColumnFrame> = { done: true, value: undefined };

/** The consumer's side of one stream: queues frames, checks their sequence, acknowledges what has been processed. */
export class ClientStream implements AsyncIterableIterator<ColumnFrame> {
  readonly #hooks: ClientStreamHooks;
  #queue: { frame: ColumnFrame; bytes: number }[] = [];
  readonly #waiters: Waiter[] = [];
  #received = 0;
  /** Bytes handed out last, processed once the next frame is asked for, and bytes processed but not yet acknowledged. */
  #inHand = 0;
  #processed = 0;
  #over = false;
  #error: AppError | null = null;

  constructor(hooks: ClientStreamHooks) {
    this.#hooks = hooks;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ColumnFrame>> {
    this.#settleInHand();
    const head = this.#queue.shift();
    if (head) return this.#handOut(head);
    if (this.#error) {
      const error = this.#error;
      this.#error = null;
      throw error;
    }
    if (this.#over) return DONE;
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<ColumnFrame>> {
    this.#queue = [];
    this.#error = null;
    if (!this.#over) {
      this.#hooks.cancel();
      this.#finish(null);
    }
    return DONE;
  }

  push(frame: ColumnFrame, bytes: number): void {
    if (this.#over) return;
    if (frame.sequence !== this.#received) {
      this.#breakOff(frame.sequence);
      return;
    }
    this.#received++;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve(this.#handOut({ frame, bytes }));
    else this.#queue.push({ frame, bytes });
  }

  /** The server's end of stream: frames in the queue still come, then the end or the error. */
  end(frames: number, result: Result<null>): void {
    if (this.#over) return;
    if (!result.ok) {
      const { code, message, data } = result.error;
      this.fail(new AppError(code as `${ErrorDomain}.${string}`, message, data));
    } else if (frames !== this.#received) this.#breakOff(frames);
    else this.#finish(null);
  }

  fail(error: AppError): void {
    if (!this.#over) this.#finish(error);
  }

  /** Stops at once: what is queued is dropped. */
  abort(error: AppError): void {
    if (this.#over) return;
    this.#queue = [];
    this.#hooks.cancel();
    this.#finish(error);
  }

  #breakOff(sequence: number): void {
    this.abort(
      new AppError('rpc.sequence', `Frames were lost: number ${sequence} came where ${this.#received} was due.`),
    );
  }

  #finish(error: AppError | null): void {
    this.#over = true;
    this.#error = error;
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#error) {
        waiter.reject(this.#error);
        this.#error = null;
      } else waiter.resolve(DONE);
    }
    this.#hooks.ended();
  }

  #handOut({ frame, bytes }: { frame: ColumnFrame; bytes: number }): IteratorResult<ColumnFrame> {
    this.#inHand += bytes;
    return { done: false, value: frame };
  }

  #settleInHand(): void {
    this.#processed += this.#inHand;
    this.#inHand = 0;
    if (this.#over || this.#processed < this.#hooks.ackEvery) return;
    const bytes = this.#processed;
    this.#processed = 0;
    this.#hooks.acknowledge(bytes);
  }
}
