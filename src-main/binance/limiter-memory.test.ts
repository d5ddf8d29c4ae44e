import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LimiterMemory } from './limiter-memory';
import { ManualClock } from './manual-clock';
import { type LimiterState, WeightLimiter } from './weight-limiter';

const START = Date.UTC(2024, 0, 1) + 10_000;
const STATE: LimiterState = { blockedUntil: START + 5, minute: START, used: 3, clockOffsetMs: -7 };

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tapemend-limiter-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

function limiterAt(time: number) {
  const clock = new ManualClock(time);
  return { clock, limiter: new WeightLimiter({ limitPerMinute: 100, share: 0.5, now: clock.now, sleep: clock.sleep }) };
}

it('a ban outlives the program: the next one sends nothing before its end', async () => {
  const path = join(await folder(), 'deep', 'limits.json');
  const { limiter: first } = limiterAt(START);
  first.setClockOffset(60_000);
  first.observe({ 'retry-after': '300' }, 418);
  await new LimiterMemory(path).write('spot', first.state());

  const { limiter: second, clock } = limiterAt(START + 30_000);
  second.restore((await new LimiterMemory(path).read()).spot!);
  await second.acquire(1);
  expect(clock.time).toBe(START + 300_000);
});

it('a file that is missing, torn, foreign or half wrong is no knowledge, and no error', async () => {
  const path = join(await folder(), 'limits.json');
  expect(await new LimiterMemory(path).read()).toEqual({});
  for (const text of ['', '{"version":1,"limiters":{"spot":{"blo', '[]', '{"version":2,"limiters":{}}', 'null']) {
    await writeFile(path, text);
    expect(await new LimiterMemory(path).read()).toEqual({});
  }
  await writeFile(
    path,
    JSON.stringify({ version: 1, limiters: { spot: { ...STATE, used: 'much' }, um: STATE, cm: null } }),
  );
  expect(await new LimiterMemory(path).read()).toEqual({ um: STATE });
});

it('writers of other keys do not forget each other, and leave no scraps', async () => {
  const path = await folder();
  const memory = new LimiterMemory(join(path, 'limits.json'));
  await Promise.all(['spot', 'um', 'cm', 'spot'].map((key, i) => memory.write(key, { ...STATE, used: i })));
  expect(Object.fromEntries(Object.entries(await memory.read()).map(([key, { used }]) => [key, used]))).toEqual({
    spot: 3,
    um: 1,
    cm: 2,
  });
  expect(await readdir(path)).toEqual(['limits.json']);
});

it('the file is whole at every moment of a write', async () => {
  const path = join(await folder(), 'limits.json');
  const memory = new LimiterMemory(path);
  await memory.write('spot', STATE);
  let writing = true;
  const reader = (async () => {
    let reads = 0;
    while (writing) {
      expect(JSON.parse(await readFile(path, 'utf8')).limiters.spot).toBeDefined();
      reads++;
    }
    return reads;
  })();
  for (let i = 0; i < 50; i++) await memory.write('spot', { ...STATE, used: i });
  writing = false;
  expect(await reader).toBeGreaterThan(0);
});

it('a write that fails is told, and the next one works', async () => {
  const path = await folder();
  await writeFile(join(path, 'file'), '');
  const bad = new LimiterMemory(join(path, 'file', 'limits.json'));
  await expect(bad.write('spot', STATE)).rejects.toThrow();
  const good = new LimiterMemory(join(path, 'limits.json'));
  await good.write('spot', STATE);
  expect(await good.read()).toEqual({ spot: STATE });
});
