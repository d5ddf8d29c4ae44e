import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { backfill } from './backfill';
import { coverage } from './coverage';
import { coverageMatrix } from './coverage-matrix';
import { longHistory } from './long-history';
import { manySymbols } from './many-symbols';
import { matrixOnScreen } from './matrix-on-screen';
import type { Measure } from './measure';
import { panning } from './panning';
import { practice } from './practice-ceiling';
import { restLatency } from './rest-latency';
import { printFigures, writeResults } from './results';

const MEASURES: readonly Measure[] = [
  practice,
  backfill,
  manySymbols,
  restLatency,
  longHistory,
  coverage,
  coverageMatrix,
  matrixOnScreen,
  panning,
];

const names = process.argv.slice(2);
const unknown = names.find((name) => !MEASURES.some((measure) => measure.name === name));
if (unknown !== undefined) {
  console.error(`bench: there is no measure ${unknown}; there are ${MEASURES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const cache = resolve(import.meta.dirname, '../.cache/bench');
mkdirSync(cache, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), 'tapemend-bench-'));
try {
  for (const measure of MEASURES) {
    if (names.length > 0 && !names.includes(measure.name)) continue;
    const log = (text: string) => console.error(`  ${measure.name}: ${text}`);
    // Each its own: what one leaves in its database must not be there for the next.
    const own = join(scratch, measure.name);
    mkdirSync(own);
    const figures = await measure.run({ cache, scratch: own, log });
    printFigures(measure, figures);
    writeResults(measure, figures);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
