import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@shared/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings, saveSetting } from './settings';

let workspace: string;

afterEach(() => rmSync(workspace, { recursive: true, force: true }));
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'tapemend-settings-'));
});

function write(content: string): void {
  writeFileSync(join(workspace, 'settings.json'), content);
}

function failure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('settings', () => {
  it('without a file Binance is the exchange and half of its budget is used', () => {
    const settings = loadSettings({ workspace, env: {} });
    expect(settings.weightShare).toBe(0.5);
    expect(settings.practice).toBeNull();
    expect(settings.endpoints.rest.spot).toEqual(['https://data-api.binance.vision', 'https://api.binance.com']);
  });

  it('a flag wins over the environment, the environment over the file', () => {
    write('{"limits": {"weightShare": 0.2}, "binance.archiveUrl": "http://127.0.0.1:1/"}');
    const env = { TAPEMEND_WEIGHT_SHARE: '0.3' };
    expect(loadSettings({ workspace, env: {} }).weightShare).toBe(0.2);
    expect(loadSettings({ workspace, env }).weightShare).toBe(0.3);
    expect(loadSettings({ workspace, env, flags: { 'limits.weightShare': '0.4' } }).weightShare).toBe(0.4);
    expect(loadSettings({ workspace, env }).endpoints.archiveUrl).toBe('http://127.0.0.1:1');
  });

  it.each([
    [{ TAPEMEND_WEIGHT_SHARE: '2' }, 'limits.weightShare', 'a share above 0'],
    [{ TAPEMEND_METRICS_PORT: 'abc' }, 'metrics.port', '1 to 65535'],
    [{ TAPEMEND_BINANCE_SPOT_REST_URL: 'api.binance.com' }, 'binance.spot.restUrl', 'http://'],
    [{ TAPEMEND_QUESTDB_DSN: 'mysql://x' }, 'questdb.dsn', 'postgresql://'],
    [{ TAPEMEND_PRACTICE: 'maybe' }, 'practice', 'true or false'],
  ])('a wrong value %j is refused with name, value and what is accepted', (env, name, accepted) => {
    const error = failure(() => loadSettings({ workspace, env }));
    expect(error.code).toBe('usage.bad_setting');
    expect(error.message).toContain(name);
    expect(error.message).toContain(Object.values(env)[0]);
    expect(error.message).toContain(accepted);
  });

  it('a password in a refused address stays out of the message and its data', () => {
    for (const [name, value] of [
      ['TAPEMEND_QUESTDB_DSN', 'mysql://ann:geh,eim@h/q'],
      ['TAPEMEND_QUESTDB_HTTP_URL', 'ftp://ann:geh@eim@h:9000'],
    ] as const) {
      const error = failure(() => loadSettings({ workspace, env: { [name]: value } }));
      expect(JSON.stringify([error.message, error.data])).not.toMatch(/geh|eim/);
      expect(error.message).toContain('//ann:…@h');
    }
  });

  it('a comma in the password of the one database does not make two of it', () => {
    const dsn = 'postgresql://ann:a,b@127.0.0.1:8812/qdb';
    expect(loadSettings({ workspace, env: { TAPEMEND_QUESTDB_DSN: dsn } }).questdb.dsn).toBe(dsn);
    const two = 'http://127.0.0.1:1,http://127.0.0.1:2';
    expect(loadSettings({ workspace, env: { TAPEMEND_BINANCE_SPOT_REST_URL: two } }).endpoints.rest.spot).toEqual(
      two.split(','),
    );
    expect(failure(() => loadSettings({ workspace, env: { TAPEMEND_QUESTDB_HTTP_URL: two } })).code).toBe(
      'usage.bad_setting',
    );
  });

  it('an unknown setting and a broken file are refused instead of ignored', () => {
    write('{"binance.archivUrl": "http://x"}');
    expect(failure(() => loadSettings({ workspace, env: {} })).message).toContain(
      'unknown setting "binance.archivUrl"',
    );
    write('{');
    expect(failure(() => loadSettings({ workspace, env: {} })).message).toContain('not valid JSON');
  });

  it('saving one setting keeps the others', async () => {
    write('{"limits.weightShare": 0.2}');
    await saveSetting(workspace, 'practice', true);
    expect(JSON.parse(readFileSync(join(workspace, 'settings.json'), 'utf8'))).toEqual({
      'limits.weightShare': 0.2,
      practice: true,
    });
    expect(loadSettings({ workspace, env: {} }).practice).toBe(true);
    expect(statSync(join(workspace, 'settings.json')).mode & 0o777).toBe(0o600);
  });
});
