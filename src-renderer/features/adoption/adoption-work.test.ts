import type { AdoptionProgress, AdoptionReport } from '@shared/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CoreSession } from '../../client';
import {
  backToChoosing,
  byUrgency,
  runAdoption,
  stopAdoption,
  tryAdoption,
  useAdoptionWork,
  workShare,
} from './adoption-work';
import { choose, useCandidates } from './candidate-store';
import { candidateOfTable } from './candidates';
import { foreignTable, reportOf } from './test-adoption';

const KEY = 'binance:spot:BTCUSDT:1m';
const picks = ['one', 'two', 'three'].map((name) => ({ candidate: candidateOfTable(foreignTable(name)), key: KEY }));

interface Asked {
  table: string;
  isTrial: boolean;
}

/** A core that answers adoptions as told. */
function coreWith(answer: (asked: Asked, signal: AbortSignal) => AdoptionReport | Promise<AdoptionReport>) {
  const asked: Asked[] = [];
  let progressed: (progress: AdoptionProgress) => void = () => undefined;
  const session = {
    client: {
      on: (_: string, listener: (progress: AdoptionProgress) => void) => {
        progressed = listener;
        return () => undefined;
      },
    },
    async call(route: string, body: { source: { table: string }; isTrial: boolean }, signal: AbortSignal) {
      if (route !== 'tables.adopt') return { tables: [], unfit: [] };
      const each = { table: body.source.table, isTrial: body.isTrial };
      asked.push(each);
      return answer(each, signal);
    },
  } as unknown as CoreSession;
  return { session, asked, tell: (progress: AdoptionProgress) => progressed(progress) };
}

const states = () => useAdoptionWork.getState().items.map(({ state }) => state);
const stage = () => useAdoptionWork.getState().stage;
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));

beforeEach(() => {
  backToChoosing();
  useCandidates.setState({ chosen: new Set(), named: [] });
});

describe('an adoption', () => {
  it('writes without a trial, takes what the trial found nothing in, or ends with the first failure', async () => {
    choose(
      picks.map(({ candidate }) => candidate.id),
      true,
    );
    const { session, asked } = coreWith(({ table, isTrial }) => {
      if (table === 'two') throw new Error('most of its rows are 5m apart');
      return reportOf({ adopted: table === 'three' ? 0 : 10, jobId: isTrial ? null : 'adopt-1' });
    });
    await tryAdoption(session, picks);
    expect([stage(), states()]).toEqual(['tried', ['done', 'failed', 'done']]);
    const urgent = byUrgency(useAdoptionWork.getState().items).map(({ candidate }) => candidate.name);
    expect(urgent).toEqual(['two', 'one', 'three']);
    expect(useAdoptionWork.getState().items[1]?.failure).toBe('most of its rows are 5m apart');
    expect(asked.every(({ isTrial }) => isTrial)).toBe(true);

    await runAdoption(session);
    expect([stage(), states()]).toEqual(['adopted', ['done']]);
    expect(asked.filter(({ isTrial }) => !isTrial)).toEqual([{ table: 'one', isTrial: false }]);
    expect([...useCandidates.getState().chosen]).toEqual([picks[1]!.candidate.id, picks[2]!.candidate.id]);
  });

  it('goes on after it was stopped, or forgets what was adopted before', async () => {
    const { session, asked } = coreWith(({ table, isTrial }, signal) =>
      table === 'two' && !isTrial ? untilAborted(signal) : reportOf({ adopted: 10 }),
    );
    await tryAdoption(session, picks);
    const running = runAdoption(session);
    await expect.poll(states).toEqual(['done', 'working', 'waiting']);
    stopAdoption();
    await running;
    expect([stage(), states()]).toEqual(['adopted', ['done', 'left', 'left']]);
    expect(asked.filter(({ isTrial }) => !isTrial)).toHaveLength(2);
  });

  it('stays at a trial that a person has stopped', async () => {
    const { session } = coreWith((_, signal) => untilAborted(signal));
    const trying = tryAdoption(session, picks);
    await expect.poll(states).toEqual(['working', 'waiting', 'waiting']);
    stopAdoption();
    await trying;
    expect([stage(), states()]).toEqual(['choosing', []]);
  });

  it('shows the progress of another series, or none', async () => {
    let end: (report: AdoptionReport) => void = () => undefined;
    const { session, tell } = coreWith(() => new Promise((resolve) => (end = resolve)));
    const trying = tryAdoption(session, picks.slice(0, 2));
    await expect.poll(states).toEqual(['working', 'waiting']);
    const share = () => workShare(useAdoptionWork.getState().items);
    expect(share()).toBeNull();
    tell({ key: 'binance:spot:ETHUSDT:1m', rows: 9, of: 10 });
    expect(share()).toBeNull();
    tell({ key: KEY, rows: 5, of: 10 });
    expect(share()).toBe(0.25);
    end(reportOf({ adopted: 10 }));
    await expect.poll(share).toBe(0.5);
    end(reportOf({ adopted: 10 }));
    await expect.poll(stage).toBe('tried');
    await trying;
  });
});
