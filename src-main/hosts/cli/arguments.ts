import { parseArgs } from 'node:util';
import { type SourceChoice, VERIFY_AGAINST, type VerifyAgainst } from '@shared/contract';
import {
  candleSeries,
  INTERVALS,
  type Interval,
  isInterval,
  MARKETS,
  type Market,
  parseStoredSeriesKey,
  parseTime,
  type Range,
  type StoredSeries,
  seriesKey,
  tradeSeries,
} from '@shared/market';
import { requireInterval } from '../../binance';
import { type AdoptCommand, readAdoptCommand } from './adopt-arguments';
import { type CurationCommand, readArchivesCommand, readFindingsCommand, readUndoCommand } from './curation-arguments';
import { type GapsCommand, readGapsCommand } from './gaps-arguments';
import { type OutagesCommand, readOutagesCommand } from './outages-arguments';
import { checkSymbol, usage } from './usage';
import { readWatch, withWatchSeconds } from './watch';

/** Flags that every command takes. */
export interface CommonArguments {
  workspace: string | null;
  practice: boolean;
  json: boolean;
  progress: 'bar' | 'ndjson' | 'none';
}

export const JOB_ACTIONS = ['pause', 'resume', 'cancel', 'retry'] as const;
export type JobAction = (typeof JOB_ACTIONS)[number];

/** What can be fetched, as `--kind` names it. */
export type FetchedKind = 'kline' | 'aggTrade';

/** Series that a command is about: named ones, or those of the workspace that fit. */
export interface SeriesChoice {
  series: StoredSeries[] | null;
  symbols: string[];
  intervals: Interval[];
  kind: FetchedKind | null;
  range: Range | null;
}

/** Milliseconds between two looks at what may have changed; null for one look. */
interface Watched {
  watchMs: number | null;
}

export type ParsedCommand =
  | { command: 'help'; topic: string | null }
  | { command: 'version' }
  | {
      command: 'plan' | 'backfill';
      common: CommonArguments;
      series: StoredSeries[];
      range: Range;
      source: SourceChoice;
      metricsPort: number | null;
    }
  | ({ command: 'coverage'; common: CommonArguments; gapsOnly: boolean } & SeriesChoice & Watched)
  | ({ command: 'verify'; common: CommonArguments; against: VerifyAgainst | null } & SeriesChoice & Watched)
  | { command: 'status'; common: CommonArguments }
  | { command: 'jobs'; common: CommonArguments; action: JobAction | null; jobId: string }
  | ((CurationCommand | AdoptCommand | GapsCommand | OutagesCommand) & { common: CommonArguments })
  | {
      command: 'serve';
      common: CommonArguments;
      host: string;
      port: number;
      metricsPort: number | null;
      demo: boolean;
    };

const COMMANDS = [
  'plan',
  'backfill',
  'coverage',
  'gaps',
  'outages',
  'verify',
  'status',
  'jobs',
  'findings',
  'archives',
  'undo',
  'adopt',
  'serve',
] as const;
/** In the contract, not built yet: named, so that nobody takes them for a typing error. */
const LATER = ['record', 'replay', 'export', 'strategies'];

const OPTIONS = {
  workspace: { type: 'string' },
  practice: { type: 'boolean' },
  json: { type: 'boolean' },
  progress: { type: 'string' },
  interval: { type: 'string', multiple: true },
  from: { type: 'string' },
  to: { type: 'string' },
  market: { type: 'string' },
  source: { type: 'string' },
  kind: { type: 'string' },
  gaps: { type: 'boolean' },
  against: { type: 'string' },
  watch: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'metrics-port': { type: 'string' },
  demo: { type: 'boolean' },
  state: { type: 'string' },
  reason: { type: 'string' },
  remark: { type: 'string' },
  series: { type: 'string' },
  'node-id': { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

type Flag = keyof typeof OPTIONS;

const COMMON: Flag[] = ['workspace', 'practice', 'json', 'progress', 'help'];
const FLAGS_OF: Record<(typeof COMMANDS)[number], Flag[]> = {
  plan: ['interval', 'from', 'to', 'market', 'source', 'kind'],
  backfill: ['interval', 'from', 'to', 'market', 'source', 'kind', 'metrics-port'],
  coverage: ['interval', 'from', 'to', 'market', 'gaps', 'kind', 'watch'],
  gaps: ['from', 'to', 'reason'],
  outages: ['remark'],
  verify: ['interval', 'from', 'to', 'market', 'against', 'watch'],
  status: [],
  jobs: [],
  findings: ['state', 'reason'],
  archives: [],
  undo: ['series'],
  adopt: ['interval', 'market', 'node-id', 'list'],
  serve: ['host', 'port', 'metrics-port', 'demo'],
};

/** Reads a command line; everything that is wrong with it throws `usage.*` with one sentence. */
export function parseCommandLine(args: readonly string[]): ParsedCommand {
  const [command, ...rest] = args;
  if (command === undefined || command === 'help' || command === '--help' || command === '-h')
    return { command: 'help', topic: rest[0] ?? null };
  if (command === '--version') return { command: 'version' };
  if (LATER.includes(command))
    throw usage(`"tapemend ${command}" is not part of this version yet; there are ${COMMANDS.join(', ')}.`);
  if (!isCommand(command))
    throw usage(`"${command}" is no command; there are ${COMMANDS.join(', ')}. Try tapemend help.`);

  const { values, positionals } = readFlags(command, rest);
  if (values.help) return { command: 'help', topic: command };
  const common = readCommon(values);
  const text = (flag: Flag): string | undefined => values[flag] as string | undefined;

  switch (command) {
    case 'plan':
    case 'backfill': {
      const kind = readKind(text('kind')) ?? 'kline';
      if (positionals.length === 0) throw usage(`tapemend ${command} needs at least one symbol, like BTCUSDT.`);
      const intervals = readIntervals(values.interval as string[] | undefined);
      refuseIntervalOfTrades(kind, intervals);
      if (kind === 'kline' && intervals.length === 0)
        throw usage(
          `tapemend ${command} needs --interval, like --interval 1m or --interval 1m,1h; for trades --kind aggTrade.`,
        );
      const market = readMarket(text('market'));
      for (const interval of intervals) requireInterval(market, interval);
      const series = positionals.flatMap((symbol) => seriesOf(checkSymbol(symbol), kind, intervals, market));
      const range = readRange(text('from'), text('to'));
      if (!range) throw usage(`tapemend ${command} needs --from and --to, like --from 2024-01-01 --to 2024-02-01.`);
      const metricsPort = readMetricsPort(text('metrics-port'));
      return { command, common, series: unique(series), range, source: readSource(text('source')), metricsPort };
    }
    case 'coverage':
    case 'verify': {
      const chosen = readChoice(positionals, {
        intervals: readIntervals(values.interval as string[] | undefined),
        kind: command === 'verify' ? 'kline' : readKind(text('kind')),
        market: readMarket(text('market')),
        range: readRange(text('from'), text('to')),
      });
      const watchMs = readWatch(text('watch'));
      return command === 'coverage'
        ? { command, common, ...chosen, watchMs, gapsOnly: values.gaps === true }
        : { command, common, ...chosen, watchMs, against: readAgainst(text('against')) };
    }
    case 'status':
      refusePositionals(command, positionals);
      return { command, common };
    case 'jobs':
      return { command, common, ...readJobAction(positionals) };
    case 'gaps': {
      const range = readRange(text('from'), text('to'));
      return { common, ...readGapsCommand(positionals, { range, reason: text('reason') }) };
    }
    case 'outages':
      return { common, ...readOutagesCommand(positionals, text('remark')) };
    case 'findings':
      return { common, ...readFindingsCommand(positionals, { state: text('state'), reason: text('reason') }) };
    case 'archives':
      return { common, ...readArchivesCommand(positionals) };
    case 'undo':
      return { common, ...readUndoCommand(positionals, text('series')) };
    case 'adopt':
      return {
        common,
        ...readAdoptCommand(positionals, {
          intervals: readIntervals(values.interval as string[] | undefined),
          market: readMarket(text('market')),
          nodeId: text('node-id'),
          list: values.list === true,
        }),
      };
    case 'serve': {
      refusePositionals(command, positionals);
      return {
        command,
        common,
        host: text('host') ?? '127.0.0.1',
        port: readPort(text('port')),
        metricsPort: readMetricsPort(text('metrics-port')),
        demo: values.demo === true,
      };
    }
  }
}

function isCommand(text: string): text is (typeof COMMANDS)[number] {
  return (COMMANDS as readonly string[]).includes(text);
}

function readFlags(
  command: (typeof COMMANDS)[number],
  rest: readonly string[],
): { values: Record<string, unknown>; positionals: string[] } {
  const allowed = [...COMMON, ...FLAGS_OF[command]];
  const options = Object.fromEntries(allowed.map((flag) => [flag, OPTIONS[flag]]));
  try {
    return parseArgs({ args: withWatchSeconds(rest), options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = (error as Error).message.replace(/\. To specify a positional argument.*$/s, '').replace(/\.$/, '');
    throw usage(`${reason}; tapemend ${command} takes ${allowed.map((flag) => `--${flag}`).join(' ')}.`);
  }
}

function readCommon(values: Record<string, unknown>): CommonArguments {
  const progress = (values.progress as string | undefined) ?? 'bar';
  if (progress !== 'bar' && progress !== 'ndjson' && progress !== 'none') {
    throw usage(`--progress is "${progress}"; accepted is bar, ndjson or none.`);
  }
  return {
    workspace: (values.workspace as string | undefined) ?? null,
    practice: values.practice === true,
    json: values.json === true,
    progress,
  };
}

function readIntervals(texts: readonly string[] | undefined): Interval[] {
  const all = (texts ?? []).flatMap((text) => text.split(',')).map((text) => text.trim());
  for (const text of all) {
    if (!isInterval(text))
      throw usage(`"${text}" is no interval; there are ${INTERVALS.join(' ')} (1m is a minute, 1M a month).`);
  }
  return [...new Set(all)] as Interval[];
}

/** Keys name series; symbols with intervals (or for trades) name them too; symbols alone choose among those of the workspace. */
function readChoice(
  names: readonly string[],
  chosen: { intervals: Interval[]; kind: FetchedKind | null; market: Market; range: Range | null },
): SeriesChoice {
  const { intervals, kind, market, range } = chosen;
  refuseIntervalOfTrades(kind, intervals);
  const keys = names.map((name) => parseStoredSeriesKey(name));
  if (names.length > 0 && keys.every((key) => key !== null))
    return { series: keys as StoredSeries[], symbols: [], intervals, kind, range };
  const symbols = names.map(checkSymbol);
  const isNamed = symbols.length > 0 && (intervals.length > 0 || kind === 'aggTrade');
  const series = symbols.flatMap((symbol) => seriesOf(symbol, kind ?? 'kline', intervals, market));
  return { series: isNamed ? series : null, symbols, intervals, kind, range };
}

function readAgainst(text: string | undefined): VerifyAgainst | null {
  if (text === undefined) return null;
  const known = VERIFY_AGAINST.find((each) => each === text);
  if (!known) throw usage(`--against is "${text}"; accepted is ${VERIFY_AGAINST.join(', ')}, or nothing.`);
  return known;
}

function readMarket(text: string | undefined): Market {
  if (text === undefined) return 'spot';
  if (!(MARKETS as readonly string[]).includes(text))
    throw usage(`"${text}" is no market; there are ${MARKETS.join(', ')}.`);
  return text as Market;
}

function readJobAction([action, jobId, ...rest]: readonly string[]): { action: JobAction | null; jobId: string } {
  if (action === undefined) return { action: null, jobId: '' };
  const known = JOB_ACTIONS.find((each) => each === action);
  if (!known) throw usage(`tapemend jobs takes no "${action}"; there are ${JOB_ACTIONS.join(', ')}, each with a job.`);
  if (jobId === undefined || rest.length > 0)
    throw usage(
      `tapemend jobs ${known} needs one job, like ${known} 20240131T120000-1a2b3c; tapemend jobs lists them.`,
    );
  return { action: known, jobId };
}

function readSource(text: string | undefined): SourceChoice {
  if (text === undefined || text === 'auto') return 'auto';
  if (text === 'archive' || text === 'rest') return text;
  throw usage(`"${text}" is no source; there are auto, archive, rest.`);
}

function readRange(from: string | undefined, to: string | undefined): Range | null {
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined) throw usage('--from and --to belong together; give both.');
  const range = { from: readTime('--from', from), to: readTime('--to', to) };
  if (range.to <= range.from)
    throw usage(`The range ends (${to}) before it starts (${from}); exchange --from and --to.`);
  return range;
}

function readTime(flag: string, text: string): number {
  const time = parseTime(text);
  if (time === null)
    throw usage(
      `${flag} is "${text}"; write a date like 2024-01-31, a time like 2024-01-31T12:00Z, or epoch milliseconds.`,
    );
  return time;
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw usage(`--port is "${text}"; accepted is a number from 0 (any free port) to 65535.`);
  return port;
}

function readMetricsPort(text: string | undefined): number | null {
  if (text === undefined) return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw usage(`--metrics-port is "${text}"; accepted is a number from 1 to 65535.`);
  return port;
}

function refusePositionals(command: string, positionals: readonly string[]): void {
  if (positionals.length > 0) throw usage(`tapemend ${command} takes no "${positionals[0]}".`);
}

function readKind(text: string | undefined): FetchedKind | null {
  if (text === undefined) return null;
  if (text === 'kline' || text === 'aggTrade') return text;
  if (text === 'trade')
    throw usage('Single trades (--kind trade) are not part of this version; aggregate trades are, as --kind aggTrade.');
  throw usage(`"${text}" is no kind; there are kline (candles) and aggTrade.`);
}

function refuseIntervalOfTrades(kind: FetchedKind | null, intervals: readonly Interval[]): void {
  if (kind === 'aggTrade' && intervals.length > 0)
    throw usage(
      '--kind aggTrade takes no --interval: trades have none. Leave it out, or leave out --kind for candles.',
    );
}

function seriesOf(symbol: string, kind: FetchedKind, intervals: readonly Interval[], market: Market): StoredSeries[] {
  if (kind === 'aggTrade') return [tradeSeries(symbol, market)];
  return intervals.map((interval) => candleSeries(symbol, interval, market));
}

function unique(list: readonly StoredSeries[]): StoredSeries[] {
  return [...new Map(list.map((series) => [seriesKey(series), series])).values()];
}
