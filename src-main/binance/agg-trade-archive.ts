import { concatTrades, type IdRange, type Range, sliceTrades, type TradeColumns } from '@shared/market';
import { parseAggTradeCsv } from './agg-trade-csv';
import { type InexactDecimals, type LineError, NEWLINE } from './csv-bytes';
import { inexactFindings, named, type SourceFinding } from './source-finding';
import { checkTrades, MOST_STEP_BACK_US, mixedReason, type TradeOddities, tradeFindings } from './trade-check';
import { type ArchiveFile, verifyArchive } from './verified-csv';
import { openOnlyMember } from './zip-member';

export interface AggTradeArchiveRequest extends ArchiveFile {
  symbol: string;
  /** The file's period (`archiveRange`), epoch ms: trades outside of it are refused. */
  range: Range;
  /** About so many bytes of text are read at a time. */
  pieceBytes?: number;
}

/** What a whole file tells. */
export interface AggTradeArchiveSummary {
  rows: number;
  /** First and last id that the file tells of, marked rows included; null for an empty file. */
  ids: IdRange | null;
  /** Ids in between that it lacks. */
  missingIds: IdRange[];
  /** When the first and the last of its trades was made, epoch µs; null without any. */
  times: { first: number; last: number } | null;
  /** Of the zip, lower-case hex. */
  sha256: string;
  /** Oddities that did not stop the reading, in sentences that name the file. */
  findings: SourceFinding[];
  csvBytes: number;
}

export interface AggTradeArchiveContent extends AggTradeArchiveSummary {
  trades: TradeColumns;
}

/**
 * Rows have 50 to 110 bytes of digits and pack to a fifth or a tenth; no honest file comes near this. The second bound is
 * twice the text of the busiest days of the busiest symbol.
 */
const MOST_UNPACKED_RATIO = 50;
const ALWAYS_ALLOWED_BYTES = 64 * 1024;
const MOST_BYTES = 768 * 1024 * 1024;
/** Some thirty thousand rows. */
const PIECE_BYTES = 2 * 1024 * 1024;
/** Text of a file whose rows are out of order: they have to lie in memory together to be sorted. */
const MOST_UNSORTED_BYTES = 160 * 1024 * 1024;

/**
 * A verified archive of aggregate trades of any market, read piece by piece so that it never lies in memory as a whole. Needs no
 * network and no other state, so it runs in worker threads.
 */
export class AggTradeArchive {
  private constructor(
    readonly summary: AggTradeArchiveSummary,
    private readonly read: () => AsyncGenerator<TradeColumns>,
  ) {}

  /**
   * Verifies the zip and checks every row of it. Throws `AppError` `archive.checksum_mismatch`, `archive.bad_checksum_file`,
   * `archive.bad_zip` or `archive.bad_row`; each names the file, and nothing of it is used then.
   */
  static async open(request: AggTradeArchiveRequest): Promise<AggTradeArchive> {
    const { zip, file, symbol, range, pieceBytes = PIECE_BYTES } = request;
    const { member, sha256, lineError } = verifyArchive(request, {
      nameStart: `${symbol}-aggTrades-`,
      what: `aggregate trades of ${symbol}`,
      instead: 'its trades may be had from a daily file, or through REST',
    });
    const maxBytes = Math.min(MOST_BYTES, ALWAYS_ALLOWED_BYTES + MOST_UNPACKED_RATIO * zip.length);
    const csv = await openOnlyMember(zip, { file, member, maxBytes, chunkBytes: pieceBytes });
    const parts = () => parsedParts(csv.chunks(), lineError);
    const told = (survey: Survey): AggTradeArchiveSummary => ({
      rows: survey.rows,
      ids: survey.ids,
      missingIds: survey.missingIds,
      times: survey.times,
      sha256,
      csvBytes: csv.bytes,
      findings: named(file, findingsOf(survey)),
    });

    const survey = await surveyOf(parts(), range, lineError);
    if (survey) return new AggTradeArchive(told(survey), () => tradesOf(parts(), range, lineError));
    if (csv.bytes > MOST_UNSORTED_BYTES)
      throw lineError(1, `the rows are not in order of ids, and ${csv.bytes} bytes are too many to be sorted`);
    const whole = await sortedWhole(parts(), range, lineError);
    return new AggTradeArchive(told(whole.survey), () => inSlices(whole.trades));
  }

  /** Its trades, ascending by id. */
  pieces(): AsyncGenerator<TradeColumns> {
    return this.read();
  }
}

/** The whole file at once. Throws as `AggTradeArchive.open` does. */
export async function readAggTradeArchive(request: AggTradeArchiveRequest): Promise<AggTradeArchiveContent> {
  const archive = await AggTradeArchive.open(request);
  const pieces: TradeColumns[] = [];
  for await (const piece of archive.pieces()) pieces.push(piece);
  return { ...archive.summary, trades: concatTrades(pieces) };
}

interface Part {
  trades: TradeColumns;
  inexact: InexactDecimals;
  /** Line of the first row, from 1. */
  firstLine: number;
}

interface Survey {
  rows: number;
  ids: IdRange | null;
  missingIds: IdRange[];
  times: AggTradeArchiveSummary['times'];
  oddities: TradeOddities;
  inexact: InexactDecimals;
}

/** Rows of whole lines, in the order of the file. */
async function* parsedParts(chunks: AsyncGenerator<Uint8Array>, lineError: LineError): AsyncGenerator<Part> {
  let rest: Uint8Array = new Uint8Array(0);
  let line = 1;
  const parse = (bytes: Uint8Array): Part => {
    const start = line;
    const parsed = parseAggTradeCsv(bytes, (at, reason, kind) => lineError(at + start - 1, reason, kind), start === 1);
    line += parsed.headerLines + parsed.trades.rows;
    return { trades: parsed.trades, inexact: parsed.inexact, firstLine: start + parsed.headerLines };
  };
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      rest = Buffer.concat([rest, chunk]);
      continue;
    }
    const head = chunk.subarray(0, end);
    const lines = rest.length === 0 ? head : Buffer.concat([rest, head]);
    rest = chunk.slice(end);
    yield parse(lines);
  }
  if (rest.length > 0) yield parse(rest);
}

function checkedPart({ trades, firstLine }: Part, range: Range, lineError: LineError) {
  return checkTrades(trades, range, (row, reason, kind) => lineError(row + firstLine, reason, kind));
}

/** Null when rows are out of order or there twice: then they have to be seen together. */
async function surveyOf(parts: AsyncGenerator<Part>, range: Range, lineError: LineError): Promise<Survey | null> {
  const survey = emptySurvey();
  let lastTime = Number.NEGATIVE_INFINITY;
  for await (const part of parts) {
    const { rows, time } = part.trades;
    if (rows === 0) continue;
    const checked = checkedPart(part, range, lineError);
    const { ids, oddities } = checked;
    if (oddities.unsorted || oddities.duplicates > 0 || ids === null) return null;
    const before = survey.ids;
    if (before !== null) {
      if (ids.from <= before.to) return null;
      if (lastTime - time[0]! > MOST_STEP_BACK_US)
        throw lineError(part.firstLine, mixedReason(before, ids, lastTime, time[0]!));
      if (time[0]! < lastTime) survey.oddities.stepsBack++;
      if (ids.from > before.to + 1) survey.missingIds.push({ from: before.to + 1, to: ids.from - 1 });
    }
    survey.rows += checked.trades.rows;
    survey.times = timesOf(checked.trades, survey.times);
    survey.ids = { from: before?.from ?? ids.from, to: ids.to };
    for (const missing of checked.missingIds) survey.missingIds.push(missing);
    survey.oddities.marked += oddities.marked;
    survey.oddities.stepsBack += oddities.stepsBack;
    addInexact(survey.inexact, part.inexact);
    lastTime = time[rows - 1]!;
  }
  return survey;
}

async function* tradesOf(
  parts: AsyncGenerator<Part>,
  range: Range,
  lineError: LineError,
): AsyncGenerator<TradeColumns> {
  for await (const part of parts) {
    const { trades } = checkedPart(part, range, lineError);
    if (trades.rows > 0) yield trades;
  }
}

async function sortedWhole(
  parts: AsyncGenerator<Part>,
  range: Range,
  lineError: LineError,
): Promise<{ trades: TradeColumns; survey: Survey }> {
  const survey = emptySurvey();
  const pieces: TradeColumns[] = [];
  let firstLine = 1;
  for await (const part of parts) {
    if (pieces.length === 0) firstLine = part.firstLine;
    pieces.push(part.trades);
    addInexact(survey.inexact, part.inexact);
  }
  const { trades, ids, missingIds, oddities } = checkTrades(concatTrades(pieces), range, (row, reason, kind) =>
    lineError(row + firstLine, reason, kind),
  );
  return { trades, survey: { ...survey, rows: trades.rows, ids, missingIds, times: timesOf(trades, null), oddities } };
}

function timesOf({ rows, time }: TradeColumns, before: Survey['times']): Survey['times'] {
  return rows === 0 ? before : { first: before?.first ?? time[0]!, last: time[rows - 1]! };
}

const SLICE_ROWS = 30_000;

async function* inSlices(trades: TradeColumns): AsyncGenerator<TradeColumns> {
  for (let start = 0; start < trades.rows; start += SLICE_ROWS)
    yield sliceTrades(trades, start, Math.min(trades.rows, start + SLICE_ROWS));
}

function emptySurvey(): Survey {
  return {
    rows: 0,
    ids: null,
    missingIds: [],
    times: null,
    oddities: { unsorted: false, duplicates: 0, marked: 0, stepsBack: 0 },
    inexact: { count: 0, example: null },
  };
}

function addInexact(sum: InexactDecimals, more: InexactDecimals): void {
  sum.count += more.count;
  sum.example ??= more.example;
}

function findingsOf({ oddities, missingIds, inexact }: Survey): SourceFinding[] {
  return [...tradeFindings(oddities, missingIds), ...inexactFindings(inexact)];
}
