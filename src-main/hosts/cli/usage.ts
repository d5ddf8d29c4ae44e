import { AppError } from '@shared/contract';
import { isSymbol } from '@shared/market';

/** Wrong use of the command line, in one sentence. */
export function usage(sentence: string): AppError {
  return new AppError('usage.command_line', sentence);
}

export function checkSymbol(symbol: string): string {
  if (!isSymbol(symbol)) throw usage(`"${symbol}" is no symbol: symbols are capital letters and digits, like BTCUSDT.`);
  return symbol;
}
