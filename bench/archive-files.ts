import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ArchivePeriod, archiveFileName } from '../src-main/binance';
import { launchPracticeExchange } from '../src-main/practice';

/** The monthly files of one symbol's 1m candles, as the practice exchange makes them. */
export interface ArchiveFiles {
  /** Root of the bucket: keys are paths below it. */
  folder: string;
  symbol: string;
  months: readonly ArchivePeriod[];
}

/** Makes the files of `years` (first and last) once and keeps them; another generation of the practice exchange makes them anew. */
export async function provideArchives(
  cache: string,
  symbol: string,
  years: readonly [number, number],
  log: (text: string) => void,
): Promise<ArchiveFiles> {
  const folder = join(cache, 'archives');
  const months: ArchivePeriod[] = [];
  for (let year = years[0]; year <= years[1]; year++)
    for (let month = 1; month <= 12; month++) months.push({ tier: 'archiveMonthly', year, month });
  const practice = await launchPracticeExchange();
  try {
    const get = async (key: string): Promise<Buffer> => {
      const reply = await fetch(`${practice.archiveUrl}/${key}`);
      if (!reply.ok) throw new Error(`the practice exchange answered ${key} with ${reply.status}`);
      return Buffer.from(await reply.arrayBuffer());
    };
    const sample = `${keyOf(symbol, months[0]!)}.CHECKSUM`;
    const kept = join(folder, sample);
    if (existsSync(kept) && !readFileSync(kept).equals(await get(sample))) rmSync(folder, { recursive: true });
    for (const month of months) {
      const key = keyOf(symbol, month);
      // The checksum is written last: where it is, its file is whole.
      if (existsSync(join(folder, `${key}.CHECKSUM`))) continue;
      log(`making ${archiveFileName(symbol, '1m', month)}`);
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), await get(key));
      writeFileSync(join(folder, `${key}.CHECKSUM`), await get(`${key}.CHECKSUM`));
    }
  } finally {
    await practice.close();
  }
  return { folder, symbol, months };
}

export function keyOf(symbol: string, month: ArchivePeriod): string {
  return `data/spot/monthly/klines/${symbol}/1m/${archiveFileName(symbol, '1m', month)}`;
}
