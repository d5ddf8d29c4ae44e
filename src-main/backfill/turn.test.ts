import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Owners } from './owners';
import { Turn } from './turn';

let folder: string;
let clock = 0;
let programs: { owners: Owners; turn: Turn }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-turn-'));
  programs = [];
});
afterEach(() => {
  for (const { owners } of programs) owners.leave();
  rmSync(folder, { recursive: true, force: true });
});

function program(): { owners: Owners; turn: Turn } {
  const owners = new Owners(join(folder, 'programs'), () => clock);
  const made = { owners, turn: new Turn(join(folder, 'turn'), owners) };
  programs.push(made);
  return made;
}

it('two programs hold the turn at once, or none gets it after the first gave it back', async () => {
  const [one, two] = [program(), program()];
  const taken = await Promise.all([one.turn.tryTake(), two.turn.tryTake()]);
  expect(taken.filter(Boolean)).toHaveLength(1);
  const [holder, other] = taken[0] ? [one, two] : [two, one];
  expect(await other.turn.tryTake()).toBe(false);
  await holder.turn.release();
  expect(await other.turn.tryTake()).toBe(true);
  expect(await holder.turn.tryTake()).toBe(false);
});

it('the turn of a dead program, or of a file that a crash emptied, blocks the queue for ever', async () => {
  const [one, two] = [program(), program()];
  expect(await one.turn.tryTake()).toBe(true);
  one.owners.leave();
  expect(await two.turn.tryTake()).toBe(true);
  two.owners.leave();
  writeFileSync(join(folder, 'turn', String(Math.max(...readdirSync(join(folder, 'turn')).map(Number)))), '');
  expect(await program().turn.tryTake()).toBe(true);
});

it('a program that lives and does nothing keeps the turn for ever, or does not notice that it was passed by', async () => {
  const [stopped, waiting] = [program(), program()];
  expect(await stopped.turn.tryTake()).toBe(true);
  await stopped.owners.beat();
  expect(await stopped.turn.wasPassedBy()).toBe(false);
  expect(await waiting.turn.holder()).toEqual(stopped.owners.self);
  let looks = 0;
  for (; !(await waiting.turn.tryTake()); looks++) clock += 400;
  expect(looks).toBeGreaterThan(45);
  expect(await stopped.turn.wasPassedBy()).toBe(true);
  expect(await stopped.turn.wasPassedBy()).toBe(false);
  expect(stopped.turn.isHeld).toBe(false);
  // What it gives back is not the other's.
  await stopped.turn.release();
  await waiting.owners.beat();
  expect(await stopped.turn.tryTake()).toBe(false);
  expect(await waiting.turn.wasPassedBy()).toBe(false);
});

it('a turn that a full disk kept from being given back blocks the program’s own next job', async () => {
  const { turn } = program();
  expect(await turn.tryTake()).toBe(true);
  renameSync(join(folder, 'turn'), join(folder, 'aside'));
  writeFileSync(join(folder, 'turn'), 'no folder: nothing can be written');
  await turn.release();
  rmSync(join(folder, 'turn'));
  renameSync(join(folder, 'aside'), join(folder, 'turn'));
  expect(await turn.tryTake()).toBe(true);
});

it('many programs that take, give back and die in any order ever hold it together, or leave files behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 2 }), { minLength: 4, maxLength: 12 }), async (plan) => {
      let holders = 0;
      let most = 0;
      await Promise.all(
        plan.map(async (how) => {
          const { owners, turn } = program();
          for (let tries = 0; tries < 60; tries++) {
            if (await turn.tryTake()) {
              most = Math.max(most, ++holders);
              await new Promise((resolve) => setImmediate(resolve));
              holders--;
              if (how === 0) owners.leave();
              else await turn.release();
              return;
            }
            await new Promise((resolve) => setImmediate(resolve));
          }
        }),
      );
      expect(most).toBe(1);
      expect(readdirSync(join(folder, 'turn')).length).toBeLessThanOrEqual(2);
      for (const { owners } of programs.splice(0)) owners.leave();
    }),
    { numRuns: 25 },
  );
});
