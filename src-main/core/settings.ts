import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@shared/contract';
import { type BinanceEndpoints, DEFAULT_ENDPOINTS } from '../binance';
import { replaceFile } from '../files';

/** Settings as the program uses them: file, then environment, then flags, the later winning. */
export interface Settings {
  endpoints: BinanceEndpoints;
  questdb: { dsn: string | null; httpUrl: string | null; jar: string | null };
  metricsPort: number | null;
  weightShare: number;
  /** App and `serve` ask again by themselves for what may have changed. */
  rechecks: boolean;
  /** null: nobody has chosen yet, the first start asks. */
  practice: boolean | null;
}

interface Definition {
  environment: string;
  /** Returns the value as text for `Settings`, or throws what is accepted, as words. */
  accept: (value: unknown) => string;
}

class NotAccepted extends Error {}

const httpUrls = urls(['http:', 'https:'], 'an http:// or https:// address (several separated by commas)');
const httpUrl = urls(['http:', 'https:'], 'an http:// or https:// address', 1);
const streamUrls = urls(['ws:', 'wss:'], 'a ws:// or wss:// address (several separated by commas)');

const DEFINITIONS: Record<string, Definition> = {
  'binance.spot.restUrl': { environment: 'TAPEMEND_BINANCE_SPOT_REST_URL', accept: httpUrls },
  'binance.um.restUrl': { environment: 'TAPEMEND_BINANCE_UM_REST_URL', accept: httpUrls },
  'binance.cm.restUrl': { environment: 'TAPEMEND_BINANCE_CM_REST_URL', accept: httpUrls },
  'binance.archiveUrl': { environment: 'TAPEMEND_BINANCE_ARCHIVE_URL', accept: httpUrl },
  'binance.archiveListUrl': { environment: 'TAPEMEND_BINANCE_ARCHIVE_LIST_URL', accept: httpUrl },
  'binance.spot.streamUrl': { environment: 'TAPEMEND_BINANCE_SPOT_STREAM_URL', accept: streamUrls },
  'binance.um.streamUrl': { environment: 'TAPEMEND_BINANCE_UM_STREAM_URL', accept: streamUrls },
  'binance.cm.streamUrl': { environment: 'TAPEMEND_BINANCE_CM_STREAM_URL', accept: streamUrls },
  'questdb.dsn': {
    environment: 'TAPEMEND_QUESTDB_DSN',
    accept: urls(['postgresql:', 'postgres:'], 'postgresql://user:password@host:port/database', 1),
  },
  'questdb.httpUrl': { environment: 'TAPEMEND_QUESTDB_HTTP_URL', accept: httpUrl },
  'questdb.jar': { environment: 'TAPEMEND_QUESTDB_JAR', accept: text('the path of a QuestDB jar') },
  'metrics.port': {
    environment: 'TAPEMEND_METRICS_PORT',
    accept: number('a port from 1 to 65535', (value) => Number.isInteger(value) && value >= 1 && value <= 65_535),
  },
  'limits.weightShare': {
    environment: 'TAPEMEND_WEIGHT_SHARE',
    accept: number('a share above 0 and up to 1', (value) => value > 0 && value <= 1),
  },
  rechecks: { environment: 'TAPEMEND_RECHECKS', accept: truth },
  practice: { environment: 'TAPEMEND_PRACTICE', accept: truth },
};

export type SettingName = keyof typeof DEFINITIONS;

export interface SettingsInput {
  workspace: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Values given as flags, by setting name. */
  flags?: Readonly<Partial<Record<string, string>>>;
}

/** Reads and checks all settings; the first wrong one throws `usage.bad_setting` with its name, its value and what is accepted. */
export function loadSettings({ workspace, env, flags = {} }: SettingsInput): Settings {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(readSettingsFile(workspace))) {
    if (!DEFINITIONS[name]) {
      throw new AppError(
        'usage.bad_setting',
        `${settingsFile(workspace)} has an unknown setting "${name}"; known are ${Object.keys(DEFINITIONS).join(', ')}.`,
      );
    }
    values.set(name, check(name, value, settingsFile(workspace)));
  }
  for (const [name, definition] of Object.entries(DEFINITIONS)) {
    const fromEnvironment = env[definition.environment];
    if (fromEnvironment !== undefined && fromEnvironment !== '')
      values.set(name, check(name, fromEnvironment, definition.environment));
    const flag = flags[name];
    if (flag !== undefined) values.set(name, check(name, flag, 'the command line'));
  }
  return toSettings(values);
}

/** Changes one setting in the workspace's file; the rest of the file stays. */
export async function saveSetting(
  workspace: string,
  name: SettingName,
  value: string | number | boolean,
): Promise<void> {
  check(name, value, 'the program');
  const settings = { ...readSettingsFile(workspace), [name]: value };
  // The file may hold a password inside `questdb.dsn`.
  await replaceFile(settingsFile(workspace), `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
}

function settingsFile(workspace: string): string {
  return join(workspace, 'settings.json');
}

/** Settings of the file by dotted name; `{"binance": {"archiveUrl": …}}` and `{"binance.archiveUrl": …}` mean the same. */
function readSettingsFile(workspace: string): Record<string, unknown> {
  let content: string;
  try {
    content = readFileSync(settingsFile(workspace), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new AppError(
      'workspace.unreadable',
      `${settingsFile(workspace)} cannot be read (${(error as Error).message}); check its permissions.`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (error) {
    throw new AppError(
      'usage.bad_setting',
      `${settingsFile(workspace)} is not valid JSON (${(error as Error).message}); correct it or delete it.`,
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new AppError('usage.bad_setting', `${settingsFile(workspace)} must hold one JSON object.`);
  }
  return flatten(parsed as Record<string, unknown>);
}

function flatten(object: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    const name = prefix + key;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      Object.assign(flat, flatten(value as Record<string, unknown>, `${name}.`));
    else flat[name] = value;
  }
  return flat;
}

function check(name: string, value: unknown, where: string): string {
  try {
    return DEFINITIONS[name]!.accept(value);
  } catch (error) {
    if (!(error instanceof NotAccepted)) throw error;
    const shown = withoutPasswords(JSON.stringify(value));
    throw new AppError('usage.bad_setting', `${name} (from ${where}) is ${shown}; accepted is ${error.message}.`, {
      name,
      value: shown,
    });
  }
}

/** What stands between `user:` and the last `@` of an address never gets into a message. */
function withoutPasswords(text: string): string {
  return text.replace(/(\/\/[^:@/]*):.*@/g, '$1:…@');
}

function toSettings(values: ReadonlyMap<string, string>): Settings {
  const list = (name: string, fallback: string[]): string[] => values.get(name)?.split(',') ?? fallback;
  const one = (name: string): string | null => values.get(name) ?? null;
  const practice = one('practice');
  return {
    endpoints: {
      rest: {
        spot: list('binance.spot.restUrl', DEFAULT_ENDPOINTS.rest.spot),
        um: list('binance.um.restUrl', DEFAULT_ENDPOINTS.rest.um),
        cm: list('binance.cm.restUrl', DEFAULT_ENDPOINTS.rest.cm),
      },
      stream: {
        spot: list('binance.spot.streamUrl', DEFAULT_ENDPOINTS.stream.spot),
        um: list('binance.um.streamUrl', DEFAULT_ENDPOINTS.stream.um),
        cm: list('binance.cm.streamUrl', DEFAULT_ENDPOINTS.stream.cm),
      },
      archiveUrl: one('binance.archiveUrl') ?? DEFAULT_ENDPOINTS.archiveUrl,
      archiveListUrl: one('binance.archiveListUrl') ?? DEFAULT_ENDPOINTS.archiveListUrl,
    },
    questdb: { dsn: one('questdb.dsn'), httpUrl: one('questdb.httpUrl'), jar: one('questdb.jar') },
    metricsPort: one('metrics.port') === null ? null : Number(one('metrics.port')),
    weightShare: Number(one('limits.weightShare') ?? 0.5),
    rechecks: one('rechecks') !== 'false',
    practice: practice === null ? null : practice === 'true',
  };
}

function urls(
  protocols: readonly string[],
  accepted: string,
  most = Number.POSITIVE_INFINITY,
): (value: unknown) => string {
  return (value) => {
    if (typeof value !== 'string') throw new NotAccepted(accepted);
    // A single address may hold a comma in its password.
    const parts = (most === 1 ? [value] : value.split(',')).map((part) => part.trim().replace(/\/+$/, ''));
    for (const part of parts) {
      if (!URL.canParse(part) || !protocols.includes(new URL(part).protocol)) throw new NotAccepted(accepted);
    }
    return parts.join(',');
  };
}

function text(accepted: string): (value: unknown) => string {
  return (value) => {
    if (typeof value !== 'string' || value.trim() === '') throw new NotAccepted(accepted);
    return value;
  };
}

function number(accepted: string, isAccepted: (value: number) => boolean): (value: unknown) => string {
  return (value) => {
    const parsed =
      typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
    if (!isAccepted(parsed)) throw new NotAccepted(accepted);
    return String(parsed);
  };
}

function truth(value: unknown): string {
  if (value === true || value === '1' || value === 'true') return 'true';
  if (value === false || value === '0' || value === 'false') return 'false';
  throw new NotAccepted('true or false (1 or 0)');
}
