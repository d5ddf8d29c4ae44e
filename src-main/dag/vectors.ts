import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ForeignFloat } from './node-ids';

const FILE = join(import.meta.dirname, '../../../shared/facts/qmtl-vectors.json');

/** Recorded behaviour of QMTL for tests; null where the file is not at hand. */
const sections: Record<string, { data: unknown }> | null = existsSync(FILE)
  ? JSON.parse(readFileSync(FILE, 'utf8'))
  : null;

export const hasVectors = sections !== null;

/** The data of a section, in the shape that its test knows it to have. An empty list when the file is absent. */
export function vectors<T>(section: string): T {
  if (sections === null) return [] as T;
  const found = sections[section];
  if (!found) throw new Error(`qmtl-vectors.json has no section ${section}`);
  return found.data as T;
}

/** Replaces the file's tagged numbers by what they stand for. */
export function untag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untag);
  if (typeof value !== 'object' || value === null) return value;
  const { $float, $int } = value as { $float?: string; $int?: string };
  if ($float !== undefined) return new ForeignFloat(Number($float));
  if ($int !== undefined) return BigInt($int);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, untag(inner)]));
}

/** Names of all sections but the introduction. */
export function sectionNames(): string[] {
  return Object.keys(sections ?? {}).filter((name) => name !== 'about');
}
