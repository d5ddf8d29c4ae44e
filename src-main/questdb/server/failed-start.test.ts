import { expect, it } from 'vitest';
import { explainFailedStart } from './failed-start';

const ROOT = '/home/ann/tapemend/questdb';
const explain = (...lines: string[]) => explainFailedStart(new Error('it ended with exit code 55'), lines, ROOT);

it.each([
  ['questdb.locked', `CairoException: [0] cannot lock table name registry file [path=${ROOT}/db]`, ROOT],
  ['questdb.ports', 'NetworkError: [98] could not bind socket [who=pg-server, bindTo=127.0.0.1:8812]', 'free ports'],
  ['questdb.disk_full', 'CairoException: [28] could not open read-write: No space left on device', ROOT],
])('would call %s by another name', (code, line, part) => {
  const error = explain('2026-01-01T00:00:00.000000Z I start', line, 'the last line says nothing');
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(part)]);
});

it('would hide the words of the server, or show pages of them', () => {
  const words = `Configuration issues: Invalid settings (not recognized): * http.bind.too ${'x'.repeat(1_000)}`;
  const lines = [...Array.from({ length: 100 }, (_, i) => `line ${i}`), words, 'bye'];
  const error = explain(...lines);
  expect(error.code).toBe('questdb.start_failed');
  expect(error.message).toContain('exit code 55. It says: Configuration issues: Invalid settings');
  expect(error.message).toContain('logs/questdb.log');
  expect(error.message.length).toBeLessThan(500);
  expect(error.data).toMatchObject({ log: lines.slice(-40) });
});
