import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src-main/metrics';
import { type Family, parseExposition } from '../../src-main/metrics/testing';

interface Panel {
  id: number;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}

interface Dashboard {
  panels: Panel[];
  templating: { list: { query: string | { query: string } }[] };
}

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
const dashboard = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
const queries = [
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query)),
];

/** Names of metrics in a query: all names of ours, whatever stands around them. */
function namesIn(query: string): string[] {
  return query.match(/\b(tapemend|backfill)_\w+/g) ?? [];
}

let families: Map<string, Family>;
beforeAll(async () => {
  const metrics = await createMetrics();
  metrics.watchWeights(() => [{ market: 'spot', used: 0, limit: 1, budget: 1, blockedSeconds: 0 }]);
  metrics.lastTimestamp('n', 60, 0);
  metrics.retry('n', 60);
  metrics.failure('n', 60);
  families = parseExposition(await metrics.read());
});

describe('the dashboard', () => {
  it('asks for a metric that does not exist', () => {
    const samples = new Set([...families.values()].flatMap((family) => family.samples.map(({ name }) => name)));
    const unknown = queries.flatMap(namesIn).filter((name) => !samples.has(name));
    expect(unknown).toEqual([]);
    for (const { title, targets } of dashboard.panels)
      for (const { expr } of targets) expect([title, namesIn(expr).length > 0]).toEqual([title, true]);
  });

  it('groups or shows by a label that the metric does not have', () => {
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const labels = new Set(
          [...families.values()]
            .flatMap(({ samples }) => samples)
            .filter(({ name }) => namesIn(expr).includes(name))
            .flatMap((sample) => Object.keys(sample.labels)),
        );
        const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap((match) => match[1]!.split(/,\s*/));
        expect([title, grouped.filter((label) => !labels.has(label))]).toEqual([title, []]);
      }
    }
  });

  it('takes the rate of a gauge, or shows a counter as it is', () => {
    const counters = [...families].filter(([, { type }]) => type !== 'gauge').map(([name]) => name);
    const isCounter = (name: string): boolean =>
      counters.some((counter) => name === counter || (name.startsWith(`${counter}_`) && !families.has(name)));
    for (const query of queries) {
      const inRate = [...query.matchAll(/(?:rate|increase)\((?:\(sum\()?((?:tapemend|backfill)_\w+)/g)].map(
        (match) => match[1]!,
      );
      expect([query, namesIn(query).filter((name) => isCounter(name) !== inRate.includes(name))]).toEqual([query, []]);
    }
  });

  it('misses the first event of a series, which is where its counter appears', () => {
    for (const query of queries) expect(query).not.toMatch(/(?:rate|increase)\(backfill_/);
  });

  it('leaves a seed metric out, or what a curator watches', () => {
    const shown = new Set(queries.flatMap(namesIn));
    for (const name of [
      'backfill_jobs_in_progress',
      'backfill_last_timestamp',
      'backfill_retry_total',
      'backfill_failure_total',
      'tapemend_jobs',
      'tapemend_rows_written_total',
      'tapemend_weight_used',
      'tapemend_weight_limit',
      'tapemend_requests_total',
      'tapemend_received_bytes_total',
      'tapemend_database_seconds_bucket',
      'tapemend_flow_busy_seconds_total',
      'tapemend_flow_under_way',
      'tapemend_flow_held_bytes',
    ])
      expect([name, shown.has(name)]).toEqual([name, true]);
  });

  it('has two panels with one number, one above another, or one that tells nothing', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, description } of panels) expect([title, description.length > 0]).toEqual([title, true]);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

describe('the readme', () => {
  it('names a metric that does not exist', () => {
    const section = /## Watching it\n(.*?)\n## /s.exec(read('../../README.md'))?.[1] ?? '';
    const named = namesIn(section);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !families.has(name))).toEqual([]);
  });
});

describe('the scrape example', () => {
  it('looks elsewhere than where `tapemend serve` serves by default', () => {
    const port = /DEFAULT_METRICS_PORT = (\d+)/.exec(
      readFileSync(join(import.meta.dirname, '../../src-main/hosts/cli/metrics.ts'), 'utf8'),
    )?.[1];
    expect(read('prometheus.yml')).toMatch(new RegExp(`targets: \\[.127\\.0\\.0\\.1:${port}.\\]`));
  });
});
