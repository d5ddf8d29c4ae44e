import type { FindingState } from '@shared/contract';
import { parseSeriesKey } from '@shared/market';
import { checkSymbol, usage } from './usage';

export const FINDING_ACTIONS = ['accept', 'reopen', 'reingest', 'refetch'] as const;
export type FindingAction = (typeof FINDING_ACTIONS)[number];

const FINDING_STATES: readonly FindingState[] = ['new', 'accepted', 'fixed'];

export type CurationCommand =
  | { command: 'findings'; action: null; symbols: string[]; state: FindingState | null }
  | { command: 'findings'; action: FindingAction; id: string; reason: string | null }
  | { command: 'archives'; symbols: string[] }
  /** Lists what can be taken back without a job. */
  | { command: 'undo'; jobId: string | null; series: string | null };

type Of<C extends CurationCommand['command']> = Extract<CurationCommand, { command: C }>;

/** The start of an id is enough where it is the only one that starts so. */
const ID = /^[0-9a-f]{6,32}$/;

export function readFindingsCommand(
  words: readonly string[],
  { state, reason }: { state: string | undefined; reason: string | undefined },
): Of<'findings'> {
  const action = FINDING_ACTIONS.find((each) => each === words[0]);
  if (!action) {
    if (reason !== undefined) throw usage('--reason belongs to tapemend findings accept ID.');
    const symbols = words.map((word) => {
      if (/^[a-z]/.test(word))
        throw usage(`tapemend findings takes symbols, or ${FINDING_ACTIONS.join(', ')} with an ID, not "${word}".`);
      return checkSymbol(word);
    });
    return { command: 'findings', action: null, symbols, state: readState(state) };
  }
  const [, id, ...rest] = words;
  if (id === undefined || rest.length > 0)
    throw usage(`tapemend findings ${action} needs one ID; tapemend findings lists them.`);
  if (!ID.test(id))
    throw usage(`"${id}" is no ID of a finding: it has at least six of 0-9 and a-f, as tapemend findings lists them.`);
  if (state !== undefined) throw usage('--state belongs to the list: tapemend findings --state new.');
  if (reason !== undefined && action !== 'accept')
    throw usage(`--reason belongs to tapemend findings accept, not to ${action}.`);
  if (reason !== undefined && reason.trim() === '') throw usage('--reason is empty; say why, or leave it out.');
  return { command: 'findings', action, id, reason: reason ?? null };
}

export function readArchivesCommand([action, ...symbols]: readonly string[]): Of<'archives'> {
  if (action !== 'check')
    throw usage(
      `tapemend archives ${action === undefined ? 'needs' : `takes no "${action}"; there is`} check, like tapemend archives check BTCUSDT.`,
    );
  return { command: 'archives', symbols: symbols.map(checkSymbol) };
}

export function readUndoCommand([jobId, ...rest]: readonly string[], series: string | undefined): Of<'undo'> {
  if (rest.length > 0) throw usage('tapemend undo takes one job; tapemend undo lists those that can be taken back.');
  if (jobId === undefined && series !== undefined)
    throw usage('--series needs a job: tapemend undo JOB --series KEY; tapemend undo lists both.');
  if (series !== undefined && parseSeriesKey(series) === null)
    throw usage(`--series is "${series}"; write it like binance:spot:BTCUSDT:1m.`);
  return { command: 'undo', jobId: jobId ?? null, series: series ?? null };
}

function readState(text: string | undefined): FindingState | null {
  if (text === undefined) return null;
  const state = FINDING_STATES.find((each) => each === text);
  if (!state) throw usage(`"${text}" is no state of a finding; there are ${FINDING_STATES.join(', ')}.`);
  return state;
}
