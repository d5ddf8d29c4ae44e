import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shippedPackages, thirdPartyNotices } from './third-party';

const root = resolve(import.meta.dirname, '..');

/** Licences that allow shipping inside an Apache-2.0 program. Anything else needs a person's decision. */
const FINE = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'OFL-1.1',
  'Unlicense',
  'CC0-1.0',
  'BlueOak-1.0.0',
];

describe('what ships of others', () => {
  const shipped = shippedPackages(root);

  it('has only licences that allow it, so that nobody ships a copyleft package unseen', () => {
    expect(
      shipped.filter(({ license }) => !FINE.includes(license)).map(({ name, license }) => `${name}: ${license}`),
    ).toEqual([]);
  });

  it('includes what a dependency brings along, not only what we import ourselves', () => {
    const names = shipped.map(({ name }) => name);
    expect(names).toContain('lightweight-charts');
    expect(names).toContain('fancy-canvas');
    expect(names).not.toContain('vitest');
  });

  it('is written down: THIRD-PARTY-NOTICES is what `node build/notices.mjs` writes', () => {
    const written = readFileSync(join(root, 'THIRD-PARTY-NOTICES'), 'utf8');
    expect(written === thirdPartyNotices(root)).toBe(true);
  });
});
