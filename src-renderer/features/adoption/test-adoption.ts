import type { AdoptionReport, ForeignCandles } from '@shared/contract';

/** Candles of a table, for tests. */
export function foreignTable(table: string, part: Partial<ForeignCandles> = {}): ForeignCandles {
  const times = { first: 0, last: 540_000 };
  return { table, nodeId: null, interval: '1m', rows: 10, ...times, lacking: [], guess: null, adopted: [], ...part };
}

/** A report with these counts, for tests. */
export function reportOf(
  counts: Partial<
    Pick<AdoptionReport, 'rows' | 'adopted' | 'alreadyPresent' | 'jobId' | 'isStopped'> & { impossible: number }
  >,
): AdoptionReport {
  const { impossible = 0, adopted = 0, ...rest } = counts;
  return {
    jobId: null,
    key: 'binance:spot:BTCUSDT:1m',
    table: 'binance_spot_btcusdt_1m',
    origin: 'the table x',
    range: adopted > 0 ? { from: 0, to: 600_000 } : null,
    rows: 10,
    adopted,
    alreadyPresent: 0,
    duplicates: 0,
    refused: { impossible, conflicting: 0, unclosed: 0, unknownToExchange: 0 },
    offGrid: 0,
    flat: 0,
    lacking: [],
    findings: [],
    isStopped: false,
    ...rest,
  };
}
