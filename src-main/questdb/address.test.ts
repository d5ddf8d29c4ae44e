import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDsn, parseDsn, withoutPassword } from './address';

it('would change a login on its way through a DSN, or show its password', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(
      text,
      text,
      fc.integer({ min: 1, max: 65_535 }),
      fc.constantFrom('127.0.0.1', 'db.example', '::1'),
      (user, password, port, host) => {
        const parts = { host, port, user, password, database: 'qdb' };
        const dsn = formatDsn(parts);
        expect(parseDsn(dsn)).toEqual(parts);
        expect(withoutPassword(dsn)).not.toContain(`:${encodeURIComponent(password)}@`);
      },
    ),
  );
});

it('would not know what QuestDB takes when a DSN leaves it out', () => {
  expect(parseDsn(' postgres://host ')).toEqual({
    host: 'host',
    port: 8812,
    user: 'admin',
    password: 'quest',
    database: 'qdb',
  });
});

it.each([
  '',
  'localhost:8812',
  'http://127.0.0.1:9000',
  'postgresql://',
  'postgresql://u:%zz@h/qdb',
  'postgresql://h:99999/qdb',
])('would fail somewhere deep inside for the DSN "%s"', (dsn) => {
  expect(() => parseDsn(dsn)).toThrow(/has to look like postgresql:/);
});
