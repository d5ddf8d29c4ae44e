import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JobPreference } from './job-preference';

describe('job preference', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function preference(answer: () => Promise<unknown> = async () => undefined) {
    const told: string[][] = [];
    const jobs = new JobPreference({
      prefer: (keys) => {
        told.push(keys);
        return answer();
      },
    });
    return { jobs, told };
  }

  it('asks the core with every frame of a scroll, or while no job is open', () => {
    const { jobs, told } = preference();
    jobs.show(['a']);
    vi.runAllTimers();
    expect(told).toEqual([]);
    jobs.setOpen(true);
    jobs.show(['b']);
    vi.advanceTimersByTime(100);
    jobs.show(['c']);
    vi.runAllTimers();
    expect(told).toEqual([['c']]);
  });

  it('says the same twice, or nothing to a job that comes later', () => {
    const { jobs, told } = preference();
    jobs.setOpen(true);
    jobs.show(['a']);
    vi.runAllTimers();
    jobs.show(['a']);
    vi.runAllTimers();
    expect(told).toHaveLength(1);
    jobs.setOpen(false);
    jobs.setOpen(true);
    vi.runAllTimers();
    expect(told).toEqual([['a'], ['a']]);
  });

  it('takes a call that failed for one that arrived', async () => {
    const { jobs, told } = preference(() => Promise.reject(new Error('away')));
    jobs.setOpen(true);
    jobs.show(['a']);
    await vi.runAllTimersAsync();
    jobs.show(['a']);
    await vi.runAllTimersAsync();
    expect(told).toHaveLength(2);
  });

  it('sends more series than the contract allows', () => {
    const { jobs, told } = preference();
    jobs.setOpen(true);
    jobs.show(Array.from({ length: 700 }, (_, index) => `s${index}`));
    vi.runAllTimers();
    expect(told[0]).toHaveLength(500);
  });
});
