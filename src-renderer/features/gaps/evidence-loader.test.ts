import { describe, expect, it } from 'vitest';
import { EvidenceLoader, type GapEvidence, type WantedEvidence } from './evidence-loader';

const TRIES = { count: 1, last: 1, next: null };

/** A core that answers when the test says so. */
function slowCore() {
  const asked: string[] = [];
  const answers: ((value: GapEvidence | Error) => void)[] = [];
  const loader = new EvidenceLoader(
    (key, at) =>
      new Promise((resolve, reject) => {
        asked.push(`${key} ${at}`);
        answers.push((value) => (value instanceof Error ? reject(value) : resolve(value)));
      }),
    (error) => (error as Error).message,
  );
  return {
    loader,
    asked,
    async answer(index: number, value: readonly string[] | Error) {
      answers[index]!(value instanceof Error ? value : { lines: value, tries: TRIES });
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const gap = (n: number): WantedEvidence => ({ id: `g${n}`, key: 'A', span: { from: n, to: n + 1 } });

describe('evidence loader', () => {
  it('asks for everything at once, or for what was scrolled away', async () => {
    const { loader, asked, answer } = slowCore();
    loader.want([1, 2, 3, 4, 5, 6].map(gap));
    expect(asked).toEqual(['A 1', 'A 2', 'A 3', 'A 4']);
    loader.want([gap(40), gap(1)]);
    await answer(0, ['first']);
    expect(asked.slice(4)).toEqual(['A 40']);
    expect(loader.get('g1')).toEqual({ lines: ['first'], tries: TRIES });
    expect(loader.get('g5')).toBeNull();
  });

  it('asks again for what it knows', async () => {
    const { loader, asked, answer } = slowCore();
    loader.want([gap(1)]);
    await answer(0, ['first']);
    loader.want([gap(1)]);
    expect(asked).toHaveLength(1);
  });

  it('goes on showing what a change has made old, or forgets it meanwhile', async () => {
    const { loader, asked, answer } = slowCore();
    loader.want([gap(1)]);
    await answer(0, ['before']);
    loader.outdate(['B']);
    expect(asked).toHaveLength(1);
    loader.outdate(['A']);
    expect(asked).toHaveLength(2);
    expect(loader.get('g1')).toEqual({ lines: ['before'], tries: TRIES });
    await answer(1, ['after']);
    expect(loader.get('g1')).toEqual({ lines: ['after'], tries: TRIES });
  });

  it('keeps an answer that was old when it came', async () => {
    const { loader, asked, answer } = slowCore();
    loader.want([gap(1)]);
    loader.outdate(['A']);
    await answer(0, ['old']);
    expect(asked).toHaveLength(2);
    await answer(1, ['new']);
    expect(loader.get('g1')).toEqual({ lines: ['new'], tries: TRIES });
  });

  it('a failure stops the others, or looks like no evidence', async () => {
    const { loader, asked, answer } = slowCore();
    let told = 0;
    loader.subscribe(() => told++);
    loader.want([1, 2, 3, 4, 5].map(gap));
    await answer(0, new Error('The core is gone.'));
    expect(loader.get('g1')).toEqual({ failure: 'The core is gone.' });
    expect(told).toBe(1);
    expect(asked).toHaveLength(5);
  });
});
