import type { JobProgress } from '@shared/contract';

export type ProgressStyle = 'bar' | 'ndjson' | 'none';

interface Output {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * Progress on stderr: one line that rewrites itself on a terminal, JSON lines for machines, nothing otherwise; but also there whoever
 * must wait for somebody else is told so, once.
 */
export class ProgressLine {
  #shown = false;
  #toldOf: string | null = null;

  constructor(
    private readonly style: ProgressStyle,
    private readonly output: Output,
  ) {}

  update(progress: JobProgress): void {
    if (this.style === 'ndjson') {
      this.output.write(`${JSON.stringify(progress)}\n`);
      return;
    }
    if (this.style === 'none') return;
    if (!this.output.isTTY) {
      this.#tellOfWaiting(progress);
      return;
    }
    this.#show(formatProgress(progress));
  }

  /** How far a work without a job has come. */
  tell(key: string, done: number, of: number): void {
    const share = of > 0 ? Math.min(1, done / of) : 0;
    if (this.style === 'ndjson') this.output.write(`${JSON.stringify({ key, done, of })}\n`);
    else this.#show(`${barOf(share)} · ${key} · ${done.toLocaleString('en')} of ${of.toLocaleString('en')}`);
  }

  #show(text: string): void {
    if (this.style !== 'bar' || !this.output.isTTY) return;
    const width = this.output.columns ?? 100;
    this.output.write(`\r${text.slice(0, width - 1).padEnd(width - 1)}`);
    this.#shown = true;
  }

  #tellOfWaiting({ state, current }: JobProgress): void {
    if (state !== 'queued' || current === null || current === this.#toldOf) return;
    this.#toldOf = current;
    this.output.write(`tapemend: ${current}\n`);
  }

  end(): void {
    if (this.#shown) this.output.write(`\r${' '.repeat((this.output.columns ?? 100) - 1)}\r`);
    this.#shown = false;
  }
}

const BAR_CELLS = 24;

export function formatProgress(progress: JobProgress): string {
  const { barsAsked, barsDone, barsPerSecond, remainingMs } = progress;
  const share = barsAsked > 0 ? barsDone / barsAsked : 0;
  const parts = [barOf(share), `${barsDone.toLocaleString('en')} of ${barsAsked.toLocaleString('en')} bars`];
  if (barsPerSecond > 0) parts.push(`${barsPerSecond.toLocaleString('en')} bars/s`);
  if (remainingMs !== null && barsDone < barsAsked) parts.push(`${Math.ceil(remainingMs / 1000)} s left`);
  if (progress.lastError) parts.push(progress.lastError);
  else if (progress.current) parts.push(progress.current);
  return parts.join(' · ');
}

function barOf(share: number): string {
  const cells = Math.round(share * BAR_CELLS);
  return `[${'#'.repeat(cells)}${'.'.repeat(BAR_CELLS - cells)}] ${Math.floor(share * 100)} %`;
}
