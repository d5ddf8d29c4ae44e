import { beforeEach, expect, it } from 'vitest';
import { Closing, type ClosingChoice } from './closing';
import { underWayWords } from './closing-words';

let jobs: number;
let asked: number[];
let answer: (choice: ClosingChoice) => Promise<void>;
let done: string[];
let closing: Closing;

beforeEach(() => {
  jobs = 0;
  asked = [];
  done = [];
  closing = new Closing({
    jobs: () => jobs,
    ask: (running) => {
      asked.push(running);
      return new Promise((resolve) => {
        answer = async (choice) => {
          resolve(choice);
          await new Promise((next) => setImmediate(next));
        };
      });
    },
    closeWindows: () => {
      done.push('close');
      if (closing.mayClose()) closing.allWindowsClosed();
    },
    enterBackground: () => done.push('background'),
    leaveBackground: () => done.push('foreground'),
    quit: () => done.push('quit'),
  });
});

it('a window without jobs closes without a question', () => {
  expect(closing.mayClose()).toBe(true);
  closing.allWindowsClosed();
  expect([asked, done]).toEqual([[], ['quit']]);
});

it('a second click on the cross does not ask a second time', async () => {
  jobs = 2;
  expect(closing.mayClose()).toBe(false);
  expect(closing.mayClose()).toBe(false);
  expect(asked).toEqual([2]);
  await answer('stay');
  expect(done).toEqual([]);
  expect(closing.mayClose()).toBe(false);
  expect(asked).toEqual([2, 2]);
});

it('stopping safely ends the app', async () => {
  jobs = 1;
  closing.mayClose();
  await answer('stop');
  expect(done).toEqual(['close', 'quit']);
});

it('in the background the app ends with its last job, not before', async () => {
  jobs = 2;
  closing.mayClose();
  await answer('background');
  expect(done).toEqual(['close', 'background']);
  jobs = 1;
  closing.jobsChanged();
  expect(done).toEqual(['close', 'background']);
  jobs = 0;
  closing.jobsChanged();
  expect(done).toEqual(['close', 'background', 'quit']);
});

it('jobs that end while the question is open do not leave the app running for nothing', async () => {
  jobs = 1;
  closing.mayClose();
  jobs = 0;
  await answer('background');
  expect(done).toEqual(['close', 'background', 'quit']);
});

it('a window opened out of the background stays open when the jobs end, and asks anew when it is closed', async () => {
  jobs = 1;
  closing.mayClose();
  await answer('background');
  closing.opened();
  expect(closing.mayClose()).toBe(false);
  jobs = 0;
  closing.jobsChanged();
  expect(done).toEqual(['close', 'background', 'foreground']);
  expect(asked).toEqual([1, 1]);
});

it('quitting the app as a whole asks nothing', () => {
  jobs = 1;
  closing.beginQuit();
  expect(closing.mayClose()).toBe(true);
  closing.allWindowsClosed();
  expect([asked, done]).toEqual([[], ['quit']]);
});

it.each([
  [1, 0, 'A backfill is under way.'],
  [3, 0, '3 backfills are under way or waiting.'],
  [0, 1, 'An adoption is under way.'],
  [1, 1, 'A backfill and an adoption are under way or waiting.'],
  [2, 1, '2 backfills and an adoption are under way or waiting.'],
])('the question tells of %i backfills and %i adoptions otherwise', (backfills, adoptions, words) => {
  expect(underWayWords(backfills, adoptions)).toBe(words);
});
