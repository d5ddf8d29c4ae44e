import { expect, it } from 'vitest';
import { isCandlePath } from './adoption';

it.each(['/data/BTCUSDT.csv', '~/candles.TXT', 'C:\\data\\a.csv', '\\\\server\\share\\a.csv'])(
  'a person cannot name the file %s',
  (path) => {
    expect(isCandlePath(path)).toBe(true);
  },
);

it.each(['candles.csv', '/etc/passwd', '/home/me/.ssh/id_rsa', '~root/a.csv', '/data/a.csv.gz'])(
  'a page can have the core read %s',
  (path) => {
    expect(isCandlePath(path)).toBe(false);
  },
);
