import { type AdoptionReport, type ForeignTables, rowsLeftOut } from '@shared/contract';
import { formatTime } from '@shared/market';
import { adopt, foreignCandles } from '../../core';
import type { ParsedCommand } from './arguments';
import type { CommandContext } from './commands';
import { EXIT } from './exit-code';
import { count, number, range } from './print';

/** Lists candles of others in the database, or adopts some. Exit code 1 tells of rows that were refused. */
export async function runAdopt(
  command: Extract<ParsedCommand, { command: 'adopt' }>,
  { running, print, progress, signal }: CommandContext,
): Promise<number> {
  const { json } = command.common;
  if (command.source === null) {
    const foreign = await foreignCandles(running);
    print(json ? JSON.stringify(foreign) : foreignText(foreign));
    return EXIT.done;
  }
  const onProgress = ({ key, rows, of }: { key: string; rows: number; of: number }) => progress.tell(key, rows, of);
  const report = await adopt(running, command.source, command.series, { signal, onProgress });
  progress.end();
  print(json ? JSON.stringify(report) : adoptionText(report));
  const { impossible, conflicting, unknownToExchange } = report.refused;
  return impossible + conflicting + unknownToExchange > 0 ? EXIT.missing : EXIT.done;
}

function foreignText({ tables, unfit }: ForeignTables): string {
  if (tables.length + unfit.length === 0) return 'The database holds no candles of other programs.';
  return [
    ...tables.flatMap(({ table, nodeId, interval, rows, first, last, lacking, guess, adopted }) => [
      `${table}  ${nodeId === null ? '' : `node id ${nodeId}  `}${interval ?? 'no interval'}  ${count(rows, 'row')}  ${formatTime(first)} → ${formatTime(last)}`,
      ...(lacking.length > 0 ? [`  without ${lacking.join(', ')}`] : []),
      ...adopted.map((each) => `  ${count(each.rows, 'row')} adopted into ${each.key}`),
      `  tapemend adopt ${quoted(table)} ${guess ?? 'KEY'}${nodeId === null ? '' : ` --node-id ${quoted(nodeId)}`}`,
    ]),
    ...unfit.map(({ table, reason }) => `${table}  cannot be adopted. ${reason}`),
  ].join('\n');
}

function quoted(text: string): string {
  return /^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function adoptionText(report: AdoptionReport): string {
  const { origin, key, jobId, adopted, flat, findings } = report;
  const what = jobId === null ? 'Nothing was adopted' : `${count(adopted, 'row')} adopted as job ${jobId}`;
  const told = rowsLeftOut(report).map(([rows, words]) => `${number(rows)} ${words}`);
  return [
    `${key}  ${what} from ${origin}${report.range ? `, ${range({ range: report.range })}` : ''}.`,
    `  ${count(report.rows, 'row')} read${told.length > 0 ? ` · left out: ${told.join(', ')}` : ''}${flat > 0 ? ` · ${number(flat)} without a trade` : ''}`,
    ...(report.lacking.length > 0 ? [`  without ${report.lacking.join(', ')}`] : []),
    ...findings.map((sentence) => `  ! ${sentence}`),
    ...(jobId === null ? [] : [`  Undo it with: tapemend undo ${jobId}`]),
  ].join('\n');
}
