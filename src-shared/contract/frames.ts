import { CANDLE_FIELDS, type CandleColumns } from '../market';

/**
 * A column frame is one ArrayBuffer, the same bytes on a MessagePort and a WebSocket: a 32-byte header of little-endian u32
 * (magic, stream id, sequence number, flags, rows, columns, 0, 0), then every column as `rows` float64. Everything stays
 * 8-byte aligned, so a receiver can lay Float64Arrays over it without copying.
 */
export const FRAME_MAGIC = 0x544d4631; // "TMF1"
export const FRAME_HEADER_BYTES = 32;

/** Flag bits of a frame. RESET: forget all earlier frames of this stream, this one replaces them. */
export const FrameFlag = { RESET: 1 } as const;

export interface ColumnFrame {
  streamId: number;
  sequence: number;
  flags: number;
  rows: number;
  columns: Float64Array[];
}

/** Encodes columns (each `rows` long or longer). Stream id and sequence are 0 until the RPC layer stamps them. */
export function encodeFrame(columns: readonly Float64Array[], rows: number, flags = 0): ArrayBuffer {
  const buffer = new ArrayBuffer(FRAME_HEADER_BYTES + columns.length * rows * 8);
  const header = new Uint32Array(buffer, 0, 8);
  header[0] = FRAME_MAGIC;
  header[3] = flags;
  header[4] = rows;
  header[5] = columns.length;
  columns.forEach((column, index) => {
    new Float64Array(buffer, FRAME_HEADER_BYTES + index * rows * 8, rows).set(column.subarray(0, rows));
  });
  return buffer;
}

/** Writes stream id and sequence number into an encoded frame. */
export function stampFrame(buffer: ArrayBuffer, streamId: number, sequence: number): void {
  const header = new Uint32Array(buffer, 0, 8);
  header[1] = streamId;
  header[2] = sequence;
}

/** Decodes without copying; null when the bytes are no frame (wrong magic, or a length that does not match the header). */
export function decodeFrame(buffer: ArrayBuffer): ColumnFrame | null {
  if (buffer.byteLength < FRAME_HEADER_BYTES) return null;
  const header = new Uint32Array(buffer, 0, 8);
  if (header[0] !== FRAME_MAGIC) return null;
  const rows = header[4]!;
  const count = header[5]!;
  if (buffer.byteLength !== FRAME_HEADER_BYTES + rows * count * 8) return null;
  const columns: Float64Array[] = [];
  for (let i = 0; i < count; i++) columns.push(new Float64Array(buffer, FRAME_HEADER_BYTES + i * rows * 8, rows));
  return { streamId: header[1]!, sequence: header[2]!, flags: header[3]!, rows, columns };
}

export function encodeCandleFrame(candles: CandleColumns, flags = 0): ArrayBuffer {
  return encodeFrame(
    CANDLE_FIELDS.map((field) => candles[field]),
    candles.rows,
    flags,
  );
}

/** Lays candle columns over a decoded frame; null when it does not have the candle columns. */
export function candlesOfFrame(frame: ColumnFrame): CandleColumns | null {
  if (frame.columns.length !== CANDLE_FIELDS.length) return null;
  const candles = { rows: frame.rows } as CandleColumns;
  CANDLE_FIELDS.forEach((field, index) => {
    candles[field] = frame.columns[index]!;
  });
  return candles;
}
