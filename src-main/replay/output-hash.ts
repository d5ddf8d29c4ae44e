import { createHash } from 'node:crypto';
import { CANDLE_FIELDS, type CandleColumns } from '@shared/market';

/** Rows that are put into bytes at once. */
const CHUNK_ROWS = 4_096;

/** SHA-256 over candles: ten float64, little-endian, per candle in the order of `CANDLE_FIELDS`. */
export class OutputHash {
  private hash = createHash('sha256');
  private readonly chunk = new Float64Array(CHUNK_ROWS * CANDLE_FIELDS.length);

  update(candles: CandleColumns): void {
    const width = CANDLE_FIELDS.length;
    for (let start = 0; start < candles.rows; start += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, candles.rows - start);
      CANDLE_FIELDS.forEach((field, position) => {
        const column = candles[field];
        for (let row = 0; row < rows; row++) this.chunk[row * width + position] = column[start + row]!;
      });
      this.hash.update(new Uint8Array(this.chunk.buffer, 0, rows * width * 8));
    }
  }

  /** Hash of what came so far; more may follow. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }
}
