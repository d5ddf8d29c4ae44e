import { usage } from './usage';

const OUTAGE_ACTIONS = ['accept', 'dismiss', 'withdraw', 'export', 'import'] as const;

export type OutagesCommand =
  | { command: 'outages'; action: null }
  | { command: 'outages'; action: 'accept'; id: string; remark: string }
  | { command: 'outages'; action: 'dismiss' | 'withdraw'; id: string }
  | { command: 'outages'; action: 'export' | 'import'; file: string };

export function readOutagesCommand(
  [word, subject, ...rest]: readonly string[],
  remark: string | undefined,
): OutagesCommand {
  if (word === undefined) {
    if (remark !== undefined) throw usage('--remark belongs to tapemend outages accept ID.');
    return { command: 'outages', action: null };
  }
  const action = OUTAGE_ACTIONS.find((each) => each === word);
  if (!action)
    throw usage(`tapemend outages takes no "${word}"; there are ${OUTAGE_ACTIONS.join(', ')}, or nothing to list.`);
  const isFile = action === 'export' || action === 'import';
  if (!subject || rest.length > 0)
    throw usage(`tapemend outages ${action} needs one ${isFile ? 'file' : 'ID; tapemend outages lists them'}.`);
  if (action === 'accept') {
    if (!remark?.trim()) throw usage('tapemend outages accept needs --remark TEXT: what is known of the stop.');
    return { command: 'outages', action, id: subject, remark: remark.trim() };
  }
  if (remark !== undefined) throw usage(`--remark belongs to tapemend outages accept, not to ${action}.`);
  if (action === 'export' || action === 'import') return { command: 'outages', action, file: subject };
  return { command: 'outages', action, id: subject };
}
