import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { CallContext, Receipt } from '@shared/contract';
import { describe, expect, it, vi } from 'vitest';
import {
  commandLineBench,
  practice,
  questdbRecord,
  type Run,
  sharedDatabase,
  tapemend,
  withApp,
  withServer,
  workspace,
} from './testing';

/** Seven pieces in four lanes. */
const SPRING = ['--interval', '1m', '--from', '2024-02-01', '--to', '2024-05-01'];
const SPRING_BARS = 90 * 1_440;

commandLineBench();

async function receiptOf(run: Run): Promise<Receipt> {
  const { out, err, code } = await run.ended;
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Receipt;
}

/** Waits until the job has finished one of its pieces. */
async function inTheMiddle(): Promise<void> {
  await vi.waitFor(
    () => {
      const [job] = readdirSync(join(workspace, 'jobs')).filter((name) => name.endsWith('.ndjson'));
      const lines = readFileSync(join(workspace, 'jobs', job!), 'utf8').split('\n');
      expect(lines.filter((line) => line.includes('"type":"page"')).length).toBeGreaterThan(0);
    },
    { timeout: 60_000, interval: 20 },
  );
}

const CONTEXT: CallContext = { signal: new AbortController().signal };

function slowDown(delayMs = 50): void {
  practice.setFaults([{ match: { kind: 'klines' }, effect: 'slow', delayMs }]);
}

/** The whole spring is there, once, with no hole: asked for by another process, from the table's content. */
async function expectWholeSpring(): Promise<void> {
  const { code, out } = await tapemend(['coverage', 'BTCUSDT', ...SPRING, '--json']).ended;
  expect(code).toBe(0);
  const [series] = (JSON.parse(out) as { series: { bars: number; spans: object[]; missing: object }[] }).series;
  expect(series).toMatchObject({
    bars: SPRING_BARS,
    spans: [{ verdict: 'present', bars: SPRING_BARS }],
    missing: { explained: 0, unexplained: 0 },
  });
}

const BACKFILL = ['backfill', 'BTCUSDT', ...SPRING, '--source', 'rest', '--json'];

describe('a backfill that is struck down', () => {
  it('loses candles, doubles them or asks again for what it has when its process is killed', async () => {
    slowDown();
    const first = tapemend(BACKFILL);
    await inTheMiddle();
    first.child.kill('SIGKILL');
    await first.ended;
    practice.setFaults([]);
    const before = practice.counters().requests.klines;
    const receipt = await receiptOf(tapemend(BACKFILL));
    expect(receipt).toMatchObject({ status: 'complete', series: [{ asked: SPRING_BARS, stillMissing: 0, gaps: [] }] });
    const [series] = receipt.series;
    expect(series!.alreadyPresent).toBeGreaterThan(0);
    expect(series!.stored + series!.alreadyPresent).toBe(SPRING_BARS);
    expect(practice.counters().requests.klines - before).toBeLessThan(SPRING_BARS / 1_000);
    await expectWholeSpring();
    const jobs = JSON.parse((await tapemend(['jobs', '--json']).ended).out) as { jobs: { state: string }[] };
    expect(jobs.jobs.map(({ state }) => state)).not.toContain('running');
  });

  it('of several series is left lying by a living app, or asks again for what is stored', async () => {
    slowDown();
    const symbols = ['BTCUSDT', 'ETHUSDT'];
    const run = tapemend(['backfill', ...symbols, ...SPRING, '--source', 'rest', '--json']);
    await inTheMiddle();
    run.child.kill('SIGKILL');
    await run.ended;
    practice.setFaults([]);
    const before = practice.counters().requests.klines;
    const receipt = await withApp(async (app) => {
      const { jobs } = await app.requests['jobs.list']({ limit: 10 }, CONTEXT);
      expect(jobs).toMatchObject([{ owner: 'here', itemTotals: { total: 2 } }]);
      const { jobId } = jobs[0]!;
      const read = async () => (await app.requests['jobs.receipt']({ jobId }, CONTEXT)).receipt;
      await expect.poll(read, { timeout: 60_000 }).not.toBeNull();
      return (await read())!;
    });
    expect(receipt.status).toBe('complete');
    expect(receipt.series).toMatchObject(
      symbols.map((symbol) => ({ key: `binance:spot:${symbol}:1m`, stillMissing: 0 })),
    );
    // It is one job still: its receipt counts from its first beginning, or from where a series was first looked at.
    expect(receipt.series[0]).toMatchObject({ alreadyPresent: 0, stored: SPRING_BARS });
    expect(practice.counters().requests.klines - before).toBeLessThan((2 * SPRING_BARS) / 1_000);
    await expectWholeSpring();
  });

  it('is paused, resumed or ended by no other command', async () => {
    await withServer(async () => {
      slowDown(150);
      const run = tapemend([...BACKFILL, '--progress', 'ndjson']);
      await inTheMiddle();
      const [file] = readdirSync(join(workspace, 'jobs')).filter((name) => name.endsWith('.ndjson'));
      const jobId = file!.replace('.ndjson', '');
      const say = async (action: string) => {
        const { code, out } = await tapemend(['jobs', action, jobId, '--json']).ended;
        return [code, (JSON.parse(out) as { job: { state: string } }).job?.state];
      };
      expect(await say('pause')).toEqual([0, 'paused']);
      // Slow enough for another command to start meanwhile, however busy the machine; a cancel waits for none of them.
      slowDown(30_000);
      expect(await say('resume')).toEqual([0, expect.stringMatching(/queued|running/)]);
      expect((await say('cancel'))[0]).toBe(0);
      const { code, out, err } = await run.ended;
      expect(code).toBe(1);
      const { series } = JSON.parse(out) as Receipt;
      expect(series[0]!.stored).toBeGreaterThan(0);
      const states = err.split('\n').flatMap((line) => (line ? [(JSON.parse(line) as { state: string }).state] : []));
      expect(states).toContain('paused');
      expect(states.at(-1)).toBe('cancelled');
      practice.setFaults([]);
      expect((await receiptOf(tapemend(['jobs', 'retry', jobId, '--json']))).status).toBe('complete');
      await expectWholeSpring();
      expect((await tapemend(['jobs', 'retry', 'nobody']).ended).code).toBe(2);
    });
  });

  it('fails, or loses candles that were acknowledged, when QuestDB is killed', async () => {
    slowDown();
    const run = tapemend(BACKFILL);
    await inTheMiddle();
    const killed = questdbRecord()!;
    process.kill(killed.process!.pid, 'SIGKILL');
    const receipt = await receiptOf(run);
    expect(receipt).toMatchObject({ status: 'complete', series: [{ stored: SPRING_BARS, stillMissing: 0 }] });
    expect(questdbRecord()!.startedAt).not.toBe(killed.startedAt);
    await expectWholeSpring();
  });

  it('ends otherwise than with 130, or forgets what it stored, when it is interrupted', async () => {
    slowDown();
    const run = tapemend(BACKFILL);
    await inTheMiddle();
    run.child.kill('SIGINT');
    const { code, out } = await run.ended;
    expect(code).toBe(130);
    const stored = (JSON.parse(out) as Receipt).series[0]!.stored;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(SPRING_BARS);
    practice.setFaults([]);
    expect((await receiptOf(tapemend(BACKFILL))).series).toMatchObject([{ alreadyPresent: stored, stillMissing: 0 }]);
  });
});

describe('an answer of the command line', () => {
  const DAY = ['--interval', '1m', '--from', '2024-02-01', '--to', '2024-02-02'];
  /** Nothing may be stored by any of them. */
  const joined = sharedDatabase();

  it.each([
    [['backfill', 'BTCUSTD', ...DAY], /BTCUSTD.*BTCUSDT/],
    [['plan', 'BTCUSDT', '--interval', '7m', '--from', '2024-02-01', '--to', '2024-02-02'], /7m/],
    [['plan', 'BTCUSDT', '--interval', '1m', '--from', '2024-02-02', '--to', '2024-02-01'], /2024-02-0/],
    [['plan', 'BTCUSDT', '--interval', '1m', '--from', '2094-02-01', '--to', '2094-02-02'], /2094.*present time/],
    [['plan', 'BTCUSDT', ...DAY, '--market', 'margin'], /margin.*spot/],
    [['frobnicate'], /frobnicate/],
  ])('to wrong use is no sentence with exit 2: %j', async (args, sentence) => {
    const { code, out, err } = await tapemend(args, joined()).ended;
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(sentence);
    // The sentence; a usage mistake may be followed by where the help is.
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('to an unreachable exchange is not 3 with the address, or leaves something half-written', async () => {
    const port = await unusedPort();
    const run = tapemend(['backfill', 'BTCUSDT', ...DAY], {
      ...joined(),
      TAPEMEND_BINANCE_SPOT_REST_URL: `http://127.0.0.1:${port}`,
    });
    const { code, err } = await run.ended;
    expect([code, err.trim().split('\n').length]).toEqual([3, 1]);
    expect(err).toContain(`127.0.0.1:${port}`);
    expect(JSON.parse((await tapemend(['coverage', '--json'], joined()).ended).out)).toEqual({ series: [] });
  });

  it("to the user's own database that is not there is not 3 with its address", async () => {
    const port = await unusedPort();
    const { code, err } = await tapemend(['status'], {
      TAPEMEND_QUESTDB_DSN: `postgresql://admin:quest@127.0.0.1:${port}/qdb`,
    }).ended;
    expect(code).toBe(3);
    expect(err).toContain(`127.0.0.1:${port}`);
    expect(err).not.toContain('quest@');
  });

  it('with --json to a failure is no single JSON document', async () => {
    const { code, out } = await tapemend(['backfill', 'BTCUSTD', ...DAY, '--json'], joined()).ended;
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: { code: expect.stringMatching(/^usage\./), message: expect.any(String) },
    });
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
