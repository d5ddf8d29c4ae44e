import { AppError, type Finding, type FindingKind } from '@shared/contract';
import { gridOf, MINUTE_MS, type Range } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { ItemFindings, kindOfArchiveError, monthsAround } from './item-findings';

const KEY = 'binance:spot:BTCUSDT:1m';
const FILE = 'BTCUSDT-1m-1970-01-01.zip';
const GRID = gridOf('1m');
const minutes = (from: number, to: number): Range => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });
const DAY = minutes(0, 1_440);
const ALL = [DAY];

const readingOf = (part: { kinds?: FindingKind[]; filled?: Range[]; absent?: Range[]; file?: string } = {}) => ({
  file: FILE,
  period: DAY,
  filled: [DAY],
  absent: [],
  ...part,
  kinds: new Set(part.kinds ?? []),
});

/** What a job came to that notices these things. */
function outcome(notice: (findings: ItemFindings) => void, known: Finding[] = [], present = ALL, job = 'j2') {
  const findings = new ItemFindings(KEY, job);
  notice(findings);
  return findings.outcome(known, present, GRID, 7);
}

const refused = (findings: ItemFindings) =>
  findings.note({ kind: 'checksum_mismatch', sentence: 'bad' }, { file: FILE, range: DAY });
const states = (list: readonly Finding[]) => list.map(({ kind, state }) => [kind, state]);

describe('what an item noticed', () => {
  it('is another finding in the next job, or forgets file and job', () => {
    const [first] = outcome(refused, [], [], 'j1');
    const [second] = outcome(refused, [], [], 'j2');
    expect(first).toMatchObject({ key: KEY, kind: 'checksum_mismatch', state: 'new', range: DAY, at: 7 });
    expect(first!.data).toEqual({ file: FILE, jobId: 'j1' });
    expect(second!.id).toBe(first!.id);
  });

  it('stays open when its file was read well since, or is fixed by the reading of another file', () => {
    const known = outcome(refused);
    expect(states(outcome((findings) => findings.read(readingOf()), known))).toEqual([['checksum_mismatch', 'fixed']]);
    expect(outcome((findings) => findings.read(readingOf({ file: 'other.zip' })), known)).toEqual([]);
    expect(states(outcome(refused, known))).toEqual([['checksum_mismatch', 'new']]);
  });

  it('is fixed although the file still shows it, or an accepted one is left open when it is mended', () => {
    const odd = (findings: ItemFindings) => {
      findings.note({ kind: 'duplicate_rows', sentence: 'twice' }, { file: FILE, range: DAY });
      findings.read(readingOf({ kinds: ['duplicate_rows'] }));
    };
    const known = outcome(odd);
    expect(states(outcome(odd, known))).toEqual([['duplicate_rows', 'new']]);
    const accepted = known.map((finding): Finding => ({ ...finding, state: 'accepted' }));
    expect(states(outcome((findings) => findings.read(readingOf()), accepted))).toEqual([['duplicate_rows', 'fixed']]);
    const fixed = known.map((finding): Finding => ({ ...finding, state: 'fixed' }));
    expect(outcome((findings) => findings.read(readingOf()), fixed)).toEqual([]);
  });

  it('blames an archive for bars that nobody has, or forgets those that another source had', () => {
    const lacking = (findings: ItemFindings) =>
      findings.read(readingOf({ filled: [minutes(0, 10)], absent: [minutes(10, 30)] }));
    expect(outcome(lacking, [], [minutes(0, 10)])).toEqual([]);
    const [finding, ...others] = outcome(lacking, [], [minutes(0, 25)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'archive_lacks_rows', range: DAY, data: { lacked: [[600_000, 1_500_000]] } });
    expect(finding!.sentence).toContain('lacks 15 bars');
    // A reading that was after other bars says nothing of these.
    expect(outcome((findings) => findings.read(readingOf({ filled: [minutes(0, 12)] })), [finding!])).toEqual([]);
    expect(states(outcome((findings) => findings.read(readingOf()), [finding!]))).toEqual([
      ['archive_lacks_rows', 'fixed'],
    ]);
  });

  it('alarms for rows that came back within the job, or never again for those that did not', () => {
    const lost = (findings: ItemFindings) =>
      findings.note({ kind: 'lost_rows', sentence: 'lost' }, { file: null, range: DAY, missing: [minutes(5, 9)] });
    expect(states(outcome(lost, [], [minutes(0, 20)]))).toEqual([['lost_rows', 'fixed']]);
    const known = outcome(lost, [], [minutes(0, 6)]);
    expect(states(known)).toEqual([['lost_rows', 'new']]);
    const later = new ItemFindings(KEY, 'j3');
    later.read(readingOf({ file: 'other.zip' }));
    expect(later.judgedRange(known)).toEqual(minutes(5, 9));
    expect(states(later.outcome(known, [minutes(5, 9)], GRID, 8))).toEqual([['lost_rows', 'fixed']]);
  });

  it('fills the database without bound', () => {
    const many = outcome((findings) => {
      for (let i = 0; i < 700; i++)
        findings.note({ kind: 'inexact_decimals', sentence: `${i}` }, { file: `${i}.zip`, range: minutes(i, i + 1) });
    });
    expect(many).toHaveLength(501);
    expect(many.at(-1)).toMatchObject({
      kind: 'other',
      range: minutes(0, 700),
      sentence: expect.stringContaining('200 more'),
    });
  });
});

it('a refused file is of the wrong kind', () => {
  const kindOf = (code: `archive.${string}`, data?: object) => kindOfArchiveError(new AppError(code, '', data));
  expect(kindOf('archive.bad_row', { kind: 'conflicting_rows' })).toBe('conflicting_rows');
  expect(kindOf('archive.bad_row')).toBe('bad_rows');
  expect(kindOf('archive.bad_checksum_file')).toBe('checksum_mismatch');
  expect(kindOf('archive.bad_zip')).toBe('bad_archive');
  expect(kindOf('archive.unreachable')).toBeNull();
});

it('answers of one month are findings of their own for each range asked for', () => {
  const may = { from: Date.UTC(2024, 4, 1), to: Date.UTC(2024, 5, 1) };
  expect(monthsAround({ from: may.from + 5, to: may.from + 9 })).toEqual(may);
  expect(monthsAround(may)).toEqual(may);
  expect(monthsAround({ from: may.from, to: may.to + 1 }).to).toBe(Date.UTC(2024, 6, 1));
});
