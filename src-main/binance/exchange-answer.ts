import { AppError } from '@shared/contract';
import type { HttpReply } from './http-client';

/** What to make of an answer of the REST interface. */
export type ExchangeAnswer =
  | { kind: 'ok'; json: unknown }
  /** Too many requests: the limiter knows how long to stop. `bannedUntil` in exchange time, when the answer tells. */
  | { kind: 'throttled'; error: AppError; bannedUntil: number | null }
  /** The same request may well succeed later. */
  | { kind: 'later'; error: AppError }
  /** This address will not answer; another one may. */
  | { kind: 'elsewhere'; error: AppError }
  /** The address's firewall has had enough of us for a while. */
  | { kind: 'blocked'; error: AppError }
  /** The request is wrong, and stays wrong. */
  | { kind: 'refused'; error: AppError };

interface ExchangeFailure {
  code: number;
  msg: string;
}

/** Codes of failures on the exchange's side. */
const SERVER_CODES = new Set([-1000, -1001, -1006, -1007, -1008]);
const TOO_MANY_REQUESTS = -1003;
/** Futures: the start is behind the end, or the two are too far apart. */
const BAD_RANGE_CODES = new Set([-1023, -4088]);

/** What was asked, for the sentences. */
export interface AskedOf {
  host: string;
  path: string;
  /** Name of the setting that holds the address. */
  setting: string;
}

export function judgeAnswer(reply: HttpReply, asked: AskedOf): ExchangeAnswer {
  const { status } = reply;
  const { host, path, setting } = asked;
  const json = parseJson(reply.body);
  const failure = failureIn(json);
  const said = failure ? `: ${failure.msg} (${failure.code})` : '';
  const data = { host, path, status, ...(failure ?? {}) };

  if (status === 200) {
    if (json !== undefined) return { kind: 'ok', json };
    return {
      kind: 'later',
      error: new AppError(
        'exchange.bad_answer',
        `${host} answered ${path} with something that is not JSON. A proxy or login page may stand in between; check the network and try again.`,
        { ...data, start: textOf(reply.body).slice(0, 200) },
      ),
    };
  }
  if (status === 429 || status === 418 || failure?.code === TOO_MANY_REQUESTS) {
    const until = /banned until (\d{13})/.exec(failure?.msg ?? '');
    return {
      kind: 'throttled',
      bannedUntil: until ? Number(until[1]) : null,
      error: new AppError(
        'exchange.rate_limited',
        `${host} keeps answering that it got too many requests${said}. Try again in some minutes, and lower limits.weightShare if other programs use the same address.`,
        data,
      ),
    };
  }
  if (status === 451) {
    return {
      kind: 'elsewhere',
      error: new AppError(
        'exchange.restricted',
        `${host} does not serve this location (451). https://data-api.binance.vision (setting ${setting}) often does.`,
        data,
      ),
    };
  }
  if (status === 407) return { kind: 'refused', error: proxyLogin('exchange.proxy_login', data) };
  if (status === 403) {
    return {
      kind: 'blocked',
      error: new AppError(
        'exchange.blocked',
        `The firewall of ${host} refused ${path} (403). Wait some minutes and try again, or change the setting ${setting}.`,
        data,
      ),
    };
  }
  if (status >= 500 || (failure && SERVER_CODES.has(failure.code))) {
    return {
      kind: 'later',
      error: new AppError(
        'exchange.unavailable',
        `${host} could not answer ${path} (${status}${said}). Try again later.`,
        data,
      ),
    };
  }
  return { kind: 'refused', error: refusal(asked, failure, data, said) };
}

/** Of an answer that only a proxy gives. */
export function proxyLogin(code: 'exchange.proxy_login' | 'archive.proxy_login', data: object): AppError {
  return new AppError(
    code,
    'The proxy of the environment asks for a login (407); put user and password into HTTPS_PROXY (http://user:password@host:port), or name the exchange in NO_PROXY.',
    data,
  );
}

function refusal(
  { host, path, setting }: AskedOf,
  failure: ExchangeFailure | null,
  data: { status: number },
  said: string,
): AppError {
  const code = failure?.code ?? 0;
  if (code === -1121) {
    return new AppError(
      'usage.unknown_symbol',
      `${host} knows no such symbol${said}. Check the spelling, and the market.`,
      data,
    );
  }
  if (code === -1120) {
    return new AppError(
      'usage.unknown_interval',
      `${host} knows no such interval${said}. 1m is a minute, 1M a month.`,
      data,
    );
  }
  if ((code <= -1100 && code > -1200) || BAD_RANGE_CODES.has(code)) {
    return new AppError('usage.bad_parameter', `${host} does not accept a parameter of ${path}${said}.`, data);
  }
  if (failure) return new AppError('exchange.refused', `${host} refused ${path}${said}.`, data);
  return new AppError(
    'exchange.refused',
    `${host} answered ${path} with status ${data.status}, as Binance never does. Check the setting ${setting}.`,
    data,
  );
}

function failureIn(json: unknown): ExchangeFailure | null {
  if (typeof json !== 'object' || json === null || !('code' in json) || !('msg' in json)) return null;
  return typeof json.code === 'number' ? { code: json.code, msg: String(json.msg) } : null;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(body));
  } catch {
    // HTML, a cut body, nothing: `undefined` is the answer, and the caller names it.
    return undefined;
  }
}

export function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}
