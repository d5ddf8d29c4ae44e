import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError, type OutageEntry, type OutageProposal } from '@shared/contract';
import { outagesText, readOutagesText } from '../../coverage';
import { replaceFile } from '../../files';
import type { ParsedCommand } from './arguments';
import type { CommandContext } from './commands';
import { EXIT } from './exit-code';
import { count, range } from './print';

/** Lists the outage catalogue and what is proposed for it, or does one thing with it. */
export async function runOutages(
  command: Extract<ParsedCommand, { command: 'outages' }>,
  { running, print }: CommandContext,
): Promise<number> {
  const { outages } = running.services;
  const { json } = command.common;
  const tell = (document: object, text: string): void => print(json ? JSON.stringify(document) : text);
  switch (command.action) {
    case null: {
      const { version, entries } = outages.list();
      const proposals = await outages.proposals();
      const lines = [
        ...entries.map(entryText),
        `Catalogue ${version}, ${count(entries.length, 'stop')}.`,
        ...proposals.map(proposalText),
        ...(proposals.length > 0 ? ['Take one in with: tapemend outages accept ID --remark TEXT'] : []),
      ];
      tell({ version, entries, proposals }, lines.join('\n'));
      break;
    }
    case 'accept': {
      const entry = await outages.accept(command.id, command.remark);
      tell({ entry }, entryText(entry));
      break;
    }
    case 'dismiss': {
      const proposal = await outages.dismiss(command.id);
      tell({ proposal }, `${proposal.id} is not proposed any more.`);
      break;
    }
    case 'withdraw': {
      const entry = await outages.withdraw(command.id);
      tell({ entry }, `${entry.id} explains nothing any more.`);
      break;
    }
    case 'export': {
      const file = resolve(command.file);
      const list = outages.list();
      await replaceFile(file, outagesText(list)).catch((error: unknown) => {
        throw fileFailure('written', file, error);
      });
      tell({ file, entries: list.entries.length }, `${count(list.entries.length, 'stop')} written to ${file}.`);
      break;
    }
    case 'import': {
      const file = resolve(command.file);
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw fileFailure('read', file, error);
      });
      const added = await outages.adopt(readOutagesText(text, file));
      tell(
        { file, added },
        `${count(added, 'stop')} of ${file} taken into the catalogue; others were there or are shipped.`,
      );
      break;
    }
  }
  return EXIT.done;
}

function fileFailure(doing: 'read' | 'written', file: string, error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError(
    'usage.outage_file',
    `${file} cannot be ${doing} (${reason}); check its name and permissions.`,
    undefined,
    { cause: error },
  );
}

function entryText({ id, origin, market, remark, ...stop }: OutageEntry): string {
  return `${id.padEnd(12)}  ${origin.padEnd(7)}  ${market.padEnd(4)}  ${range({ range: stop })}${remark ? `  ${remark}` : ''}`;
}

function proposalText({ id, market, evidence, ...stop }: OutageProposal): string {
  const { lacking, asked, interval, lackingSymbols, flatsBefore } = evidence;
  const flats = flatsBefore > 0 ? `, ${count(flatsBefore, 'candle')} without trades before it` : '';
  return `${id.padEnd(12)}  proposed ${market.padEnd(4)}  ${range({ range: stop })}  ${lacking} of ${asked} symbols lack it at ${interval} (${lackingSymbols.join(', ')})${flats}`;
}
