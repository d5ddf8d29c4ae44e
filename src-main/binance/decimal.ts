/** Text of a number as the exchange may write it. Hex, blanks, NaN and Infinity are none. */
const DECIMAL = /^[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?$/;

const MOST_SAFE_DIGITS = 15;

/** The double nearest to a decimal text; NaN when the text is no decimal number. */
export function parseDecimal(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}

/** Whether the shortest text of the double `value` is the same number as `text`, so that nothing was lost. */
export function survivesDouble(text: string, value: number): boolean {
  // Fifteen digits always come back; most texts are that short.
  if (text.length <= MOST_SAFE_DIGITS + 1 && text.includes('.') && !/[eE]/.test(text)) return true;
  return canonical(text) === canonical(String(value));
}

/** Sign, digits without outer zeros, and the exponent of the last digit: equal for equal numbers. */
function canonical(text: string): string {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const stripped = digits.replace(/0+$/, '');
  if (stripped === '') return '0';
  return `${sign === '-' ? '-' : ''}${stripped}e${Number(exponent) - fraction.length + digits.length - stripped.length}`;
}
