import type { AdoptionProgress, AdoptionReport } from '@shared/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CoreSession } from '../../client';
import { leftWords } from './adoption-words';
import {
  adoptedRows,
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
  let stop: (key: string) => void;
  const stopped = new Promise<string>((resolve) => (stop = resolve));
  const session = {
    client: {
      on: (_: string, listener: (progress: AdoptionProgress) => void) => {
        progressed = listener;
        return () => undefined;
      },
    },
    async call(route: string, body: { source: { table: string }; key: string; isTrial: boolean }, signal: AbortSignal) {
      if (route === 'tables.stop_adopting') stop(body.key);
      if (route !== 'tables.adopt') return { tables: [], unfit: [] };
      const each = { table: body.source.table, isTrial: body.isTrial };
      asked.push(each);
      return answer(each, signal);
    },
  } as unknown as CoreSession;
  return { session, asked, stopped, tell: (progress: AdoptionProgress) => progressed(progress) };
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

  it('that was stopped begins the next, or hides what it has stored and how to take it back', async () => {
    const { session, asked, stopped } = coreWith(({ table, isTrial }) =>
      table === 'two' && !isTrial
        ? stopped.then(() => reportOf({ rows: 6, adopted: 4, jobId: 'adopt-2', isStopped: true }))
        : reportOf({ adopted: 10 }),
    );
    await tryAdoption(session, picks);
    const running = runAdoption(session);
    await expect.poll(states).toEqual(['done', 'working', 'waiting']);
    stopAdoption(session);
    expect(await stopped).toBe(KEY);
    await running;
    expect([stage(), states()]).toEqual(['adopted', ['done', 'left', 'left']]);
    expect(asked.filter(({ isTrial }) => !isTrial)).toHaveLength(2);
    const { items } = useAdoptionWork.getState();
    expect(items[1]?.report?.jobId).toBe('adopt-2');
    expect(items.map(({ report }) => leftWords(report))).toEqual([
      expect.anything(),
      'Ended: 4 of the first 6 rows adopted; they stay, and adopting it again goes on from there',
      'Ended before any row was adopted',
    ]);
    expect(adoptedRows(items)).toBe(14);
  });

  it('that fails on the way forgets what it had stored', async () => {
    const { session, tell } = coreWith(({ isTrial }) => {
      if (isTrial) return reportOf({ adopted: 10 });
      tell({ key: KEY, rows: 5, of: 10, adopted: 3, jobId: 'adopt-3' });
      throw new Error('QuestDB does not answer');
    });
    await tryAdoption(session, picks.slice(0, 1));
    await runAdoption(session);
    const { items } = useAdoptionWork.getState();
    expect(items).toMatchObject([{ state: 'failed', progress: { adopted: 3, jobId: 'adopt-3' } }]);
    expect(adoptedRows(items)).toBe(3);
  });

  it('that fails while it is stopped says that nothing was stored, and cannot be taken back', async () => {
    const { session, stopped, tell } = coreWith(({ isTrial }) => {
      if (isTrial) return reportOf({ adopted: 10 });
      tell({ key: KEY, rows: 5, of: 10, adopted: 3, jobId: 'adopt-4' });
      return stopped.then(() => {
        throw new Error('QuestDB does not answer');
      });
    });
    await tryAdoption(session, picks.slice(0, 2));
    const running = runAdoption(session);
    await expect.poll(states).toEqual(['working', 'waiting']);
    stopAdoption(session);
    await running;
    expect(states()).toEqual(['failed', 'left']);
    const { items } = useAdoptionWork.getState();
    expect(items[0]).toMatchObject({ failure: 'QuestDB does not answer', progress: { jobId: 'adopt-4' } });
    expect(adoptedRows(items)).toBe(3);
  });

  it('stays at a trial that a person has stopped', async () => {
    const { session } = coreWith((_, signal) => untilAborted(signal));
    const trying = tryAdoption(session, picks);
    await expect.poll(states).toEqual(['working', 'waiting', 'waiting']);
    stopAdoption(session);
    await trying;
    expect([stage(), states()]).toEqual(['choosing', []]);
  });

  it('shows the progress of another series, or none', async () => {
    let end: (report: AdoptionReport) => void = () => undefined;
    const { session, tell } = coreWith(() => new Promise((resolve) => (end = resolve)));
    const trying = tryAdoption(session, picks.slice(0, 2));
    await expect.poll(states).toEqual(['working', 'waiting']);
    const none = { adopted: 0, jobId: null };
    const share = () => workShare(useAdoptionWork.getState().items);
    expect(share()).toBeNull();
    tell({ ...none, key: 'binance:spot:ETHUSDT:1m', rows: 9, of: 10 });
    expect(share()).toBeNull();
    tell({ ...none, key: KEY, rows: 5, of: 10 });
    expect(share()).toBe(0.25);
    end(reportOf({ adopted: 10 }));
    await expect.poll(share).toBe(0.5);
    end(reportOf({ adopted: 10 }));
    await expect.poll(stage).toBe('tried');
    await trying;
  });
});
