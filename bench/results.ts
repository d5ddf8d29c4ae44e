import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { resolve } from 'node:path';
import type { Figure, Measure } from './measure';

const FILE = resolve(import.meta.dirname, 'RESULTS.md');

export function printFigures(measure: Measure, figures: readonly Figure[]): void {
  console.log(`\n${measure.name}`);
  for (const { name, value, goal, met } of figures) {
    const verdict = met === null ? '' : `   [${met ? 'met' : 'MISSED'}: ${goal}]`;
    console.log(`  ${name}: ${value}${verdict}`);
  }
}

/** Puts the figures in place of the measure's older ones in RESULTS.md; the rest of the file stays. */
export function writeResults(measure: Measure, figures: readonly Figure[]): void {
  const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
  const begin = `<!-- ${measure.name}: written by npm run bench -->`;
  const end = `<!-- ${measure.name}: end -->`;
  const section = [
    begin,
    `## ${measure.name}`,
    '',
    measure.how,
    '',
    ...tableOf(figures),
    '',
    circumstances(),
    end,
  ].join('\n');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  const changed =
    from >= 0 && to > from
      ? text.slice(0, from) + section + text.slice(to + end.length)
      : `${text.trimEnd()}\n\n${section}\n`;
  writeFileSync(FILE, changed.trimStart());
}

function tableOf(figures: readonly Figure[]): string[] {
  const rows = figures.map(({ name, value, goal, met }) => {
    const reached = met === null ? '' : met ? 'yes' : '**no**';
    return `| ${[name, value, goal, reached].map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`;
  });
  return ['| figure | measured | goal | reached |', '|---|---|---|---|', ...rows];
}

function circumstances(): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  const day = new Date().toISOString().slice(0, 10);
  return `${day} · commit ${commit()} · Node ${process.versions.node} · ${process.platform} ${process.arch}, ${machine} · load ${loadavg()[0]!.toFixed(1)} at the end`;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  } catch {
    return 'unknown';
  }
}
