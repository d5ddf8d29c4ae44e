import { ExchangeError } from './replies';

const SYMBOL_RANGE = '^[A-Z0-9-_.]{1,20}$';
const SYMBOL = /^[A-Z0-9\-_.]{1,20}$/;
const NUMBER_RANGE = '^[0-9]{1,20}$';
const NUMBER = /^[0-9]{1,20}$/;
const SYMBOLS_RANGE = '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$';
const SYMBOLS = /^\[("[A-Z0-9\-_.]{1,20}"(,"[A-Z0-9\-_.]{1,20}")*)?\]$/;

/** Query parameters, read by name and refused in the exchange's words. */
export class Query {
  private readonly parameters: URLSearchParams;
  private readonly sent: number;
  private read = 0;

  constructor(search: string) {
    this.parameters = new URLSearchParams(search);
    this.sent = [...this.parameters.keys()].length;
  }

  /** Text of a parameter; undefined when it was not sent. */
  text(name: string): string | undefined {
    const values = this.parameters.getAll(name);
    if (values.length === 0) return undefined;
    if (values.length > 1)
      throw new ExchangeError(-1101, `Too many parameters; expected '1' and received '${values.length}'.`);
    this.read++;
    if (values[0] === '') throw new ExchangeError(-1105, `Parameter '${name}' was empty.`);
    return values[0];
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined)
      throw new ExchangeError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
    return value;
  }

  symbol(): string {
    return this.legal('symbol', this.mandatory('symbol'), SYMBOL, SYMBOL_RANGE);
  }

  optionalSymbol(): string | undefined {
    const value = this.text('symbol');
    return value === undefined ? undefined : this.legal('symbol', value, SYMBOL, SYMBOL_RANGE);
  }

  symbols(): string[] | undefined {
    const value = this.text('symbols');
    if (value === undefined) return undefined;
    return JSON.parse(this.legal('symbols', value, SYMBOLS, SYMBOLS_RANGE)) as string[];
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : Number(this.legal(name, value, NUMBER, NUMBER_RANGE));
  }

  /** To be called when every known parameter was read. */
  finish(): void {
    if (this.read < this.sent)
      throw new ExchangeError(
        -1104,
        `Not all sent parameters were read; read '${this.read}' parameter(s) but was sent '${this.sent}'.`,
      );
  }

  private legal(name: string, value: string, pattern: RegExp, range: string): string {
    if (!pattern.test(value))
      throw new ExchangeError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`);
    return value;
  }
}
