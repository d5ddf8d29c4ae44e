import { failureOf, type Receipt } from '@shared/contract';

export const EXIT = { done: 0, missing: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** Exit code of a failure: the domain of its code decides (CONTRACT §4). */
export function exitCodeOf(error: unknown): number {
  const { code } = failureOf(error);
  const domain = code.split('.')[0];
  switch (domain) {
    case 'usage':
      return EXIT.usage;
    case 'questdb':
    case 'exchange':
    case 'archive':
    case 'runtime':
    case 'workspace':
      return EXIT.unreachable;
    default:
      return EXIT.missing;
  }
}

export function exitCodeOfReceipt(receipt: Receipt): number {
  return receipt.status === 'complete' || receipt.status === 'complete_with_explained_gaps' ? EXIT.done : EXIT.missing;
}
