import { describe, expect, it } from 'vitest';
import {
  checkComputeFunction,
  parseInterval,
  parseMoment,
  parseOnMissing,
  parsePeriod,
  parseTag,
  parseTags,
} from './node-options';
import { hasVectors, vectors } from './vectors';

interface Parsing {
  in: unknown;
  in_repeat?: [string, number];
  result?: unknown;
  error?: unknown;
  proposal?: string;
}

/** What Tapemend does with a case: what was recorded, or a refusal where the proposal says so. */
function expectCase(parse: (value: unknown) => unknown, each: Parsing): void {
  const value = each.in_repeat ? each.in_repeat[0].repeat(each.in_repeat[1]) : each.in;
  const refused = each.error !== undefined || each.proposal?.startsWith('deliberately different: refuse');
  if (refused) expect(() => parse(value), JSON.stringify(each)).toThrow(/is not accepted/);
  else expect(parse(value), JSON.stringify(each)).toBe(each.result ?? value);
}

describe('parsing of node options', () => {
  it.skipIf(!hasVectors)('an interval means something else than in QMTL', () => {
    const cases = vectors<Parsing[]>('interval_parsing');
    expect(cases.length).toBeGreaterThan(20);
    for (const each of cases) expectCase(parseInterval, each);
  });

  it.skipIf(!hasVectors)('a period means something else than in QMTL', () => {
    for (const each of vectors<Parsing[]>('period_parsing')) expectCase(parsePeriod, each);
  });

  it.skipIf(!hasVectors)('a tag that the newer QMTL refuses is written', () => {
    for (const each of vectors<Parsing[]>('tag_validation_newer')) expectCase(parseTag, each);
    expect(() => parseTags(['a', 'a'])).toThrow(/each tag once/);
  });

  it.each([
    ['two parameters', (a: unknown, b: unknown) => [a, b]],
    ['none', () => 1],
    ['only a rest', (...views: unknown[]) => views],
    ['a rest behind the view', (view: unknown, ...rest: unknown[]) => [view, rest]],
    ['a second with a default', (view: unknown, k = 1) => [view, k]],
    ['a promise to wait for', async (view: unknown) => view],
    ['no function', 'view'],
  ])('a compute function with %s is accepted', (_what, value) => {
    expect(() => checkComputeFunction(value)).toThrow(/computeFn/);
  });

  it.each([
    ['an arrow', (view: unknown) => view],
    [
      'a function',
      function identity(view: unknown) {
        return view;
      },
    ],
    ['destructuring', ({ a, b }: { a: 1; b: 2 }) => a + b],
    ['a bound function', ((view: unknown) => view).bind(null)],
  ])('%s of one parameter is refused', (_what, value) => {
    expect(() => checkComputeFunction(value)).not.toThrow();
  });

  it('milliseconds pass for seconds, or a text for another moment', () => {
    expect(parseMoment('t', 1_577_836_800)).toBe(1_577_836_800);
    expect(parseMoment('t', '2020-01-01')).toBe(1_577_836_800);
    expect(parseMoment('t', new Date('2020-01-01T00:00:00.999Z'))).toBe(1_577_836_800);
    for (const wrong of ['1577836800', 'soon', 1.5, null, new Date('soon')])
      expect(() => parseMoment('startTime', wrong)).toThrow(/startTime/);
  });

  it('a misspelt onMissing hides gaps', () => {
    expect(() => parseOnMissing('ignore')).toThrow(/"skip" or "fail"/);
  });
});
