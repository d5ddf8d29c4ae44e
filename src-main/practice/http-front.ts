import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { DAY_MS, type Market } from '@shared/market';
import { answerListing } from './archive-listing';
import { type ArchiveStore, isRewritten } from './archive-store';
import { spoilPage } from './content-faults';
import type { ExchangeClock } from './exchange-clock';
import type { FaultRule, FaultSubject, RequestKind } from './fault-rules';
import { type FaultSwitch, parseFaultRules } from './faults';
import type { IpBudget } from './ip-budget';
import { ExchangeError, errorReply, faultReply, htmlReply, jsonReply, noSuchKey, type Reply } from './replies';
import type { RequestLog } from './request-log';
import { type RestApi, type RestKind, restRoute, restWeight } from './rest-api';

const LISTING = '/data.binance.vision';
const MAX_RULES_BYTES = 1 << 20;
const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

export interface HttpFrontParts {
  api: RestApi;
  archives: ArchiveStore;
  clock: ExchangeClock;
  budgets: Readonly<Record<Market, IpBudget>>;
  faults: FaultSwitch;
  log: RequestLog;
  latencyMs: number;
}

/** Answers every plain HTTP request: REST, archives, listing, and the practice exchange's own counters and faults. */
export class HttpFront {
  constructor(private readonly parts: HttpFrontParts) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const search = mark < 0 ? '' : url.slice(mark + 1);
    if (path.startsWith('/practice/')) return this.control(request, response, path);
    const subject = subjectOf(path, search);
    const logged = { method: request.method ?? 'GET', path: url, status: 0 };
    this.parts.log.add(subject.kind, logged);
    const fault = this.parts.faults.answer(subject, `${logged.method} ${url}`);
    const delay = this.parts.latencyMs + (fault?.delayMs ?? (fault?.effect === 'slow' ? 1_000 : 0));
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay).unref());
    if (fault?.effect === 'hang') return;
    if (fault?.effect === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const head = request.method === 'HEAD';
    let reply: Reply;
    try {
      reply =
        head || request.method === 'GET'
          ? await this.reply(subject, search, request, fault)
          : jsonReply({ code: -1000, msg: 'Method not allowed.' }, 405);
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      reply = errorReply(error);
    }
    logged.status = reply.status;
    if (!isArchive(subject.kind)) this.addExchangeHeaders(reply, subject.market ?? 'spot', fault);
    if (response.destroyed) return;
    send(response, spoilReply(reply, fault), head, fault);
  }

  private async reply(
    subject: FaultSubject,
    search: string,
    request: IncomingMessage,
    fault: FaultRule | null,
  ): Promise<Reply> {
    const { api, clock, budgets, faults } = this.parts;
    const now = clock.now();
    const { kind, path, market } = subject;
    const isRest = market !== undefined && kind !== 'other' && !isArchive(kind);
    if (isRest) budgets[market].spend(restWeight(market, kind as RestKind, search), now);
    if (fault?.effect === 'status') return faultReply(fault.status ?? 500, isArchive(kind), fault.retryAfter, now);
    if (isRest) {
      const unit = request.headers['x-mbx-time-unit'];
      const reply = await api.answer(market, kind as RestKind, search, Array.isArray(unit) ? unit[0] : unit, now);
      const spoil = kind === 'klines' || kind === 'aggTrades' ? faults.rows(subject) : null;
      return spoil && (kind === 'klines' || kind === 'aggTrades')
        ? { ...reply, body: spoilPage(reply.body, kind, spoil) }
        : reply;
    }
    switch (kind) {
      case 'listing':
        return answerListing(this.parts.archives, search, now);
      case 'archive':
      case 'checksum':
        return this.archive(subject, request);
      default:
        return path.startsWith('/data/')
          ? noSuchKey(path.slice(1))
          : request.headers.accept?.includes('text/html')
            ? htmlReply(404, 'Not Found')
            : { status: 404, headers: {}, body: Buffer.alloc(0) };
    }
  }

  private async archive(subject: FaultSubject, request: IncomingMessage): Promise<Reply> {
    const { archives, clock, faults } = this.parts;
    const key = decodeURIComponent(subject.path.slice(1));
    const object = archives.find(key, clock.now());
    if (!object) return noSuchKey(key);
    // One story for both: the zip's path names the file, and kind is always the archive's.
    const path = subject.path.replace(/\.CHECKSUM$/, '');
    const spoil = faults.file({ ...subject, kind: 'archive', path }, key.endsWith('.zip') && request.method === 'GET');
    const rewritten = isRewritten(spoil);
    // Other bytes have another tag.
    const etag = `"${spoil ? `${object.etag.slice(0, -4)}beef` : object.etag}"`;
    const headers: Record<string, string> = {
      server: 'AmazonS3',
      etag,
      'last-modified': new Date(object.lastModified + (rewritten ? 30 * DAY_MS : 0)).toUTCString(),
      'accept-ranges': 'bytes',
      'content-type': key.endsWith('.zip') ? 'application/zip' : 'binary/octet-stream',
      'x-cache': 'Miss from cloudfront',
    };
    if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: Buffer.alloc(0) };
    return { status: 200, headers, body: await archives.read(key, spoil) };
  }

  private addExchangeHeaders(reply: Reply, market: Market, fault: FaultRule | null): void {
    // A firewall in front of the exchange knows nothing of weights.
    if (fault?.effect === 'status' && reply.headers['content-type'] === 'text/html') return;
    const used = String(this.parts.budgets[market].used);
    if (market === 'spot') reply.headers['x-mbx-used-weight'] = used;
    reply.headers['x-mbx-used-weight-1m'] = used;
    reply.headers.server ??= 'nginx';
    reply.headers['cache-control'] = 'no-cache, no-store, must-revalidate';
    reply.headers['access-control-allow-origin'] = '*';
  }

  /** `GET /practice/counters`, `GET /practice/requests`, `POST /practice/faults`: for tests, not part of any exchange. */
  private async control(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const { log, faults } = this.parts;
    const answer = (value: unknown, status = 200) => send(response, jsonReply(value, status), false, null);
    if (!LOCAL_HOST.test(request.headers.host ?? '')) return answer({ error: 'Loopback only.' }, 403);
    if (request.method === 'GET' && path === '/practice/counters') return answer(log.counters());
    if (request.method === 'GET' && path === '/practice/requests') return answer(log.newest());
    if (request.method !== 'POST' || path !== '/practice/faults') return answer({ error: 'Not found.' }, 404);
    // A page in a browser cannot send this type to another origin unasked.
    if (!request.headers['content-type']?.startsWith('application/json'))
      return answer({ error: 'Send application/json.' }, 415);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MAX_RULES_BYTES) return answer({ error: 'Too many fault rules.' }, 413);
      parts.push(part);
    }
    let value: unknown;
    try {
      value = JSON.parse(Buffer.concat(parts).toString());
    } catch {
      return answer({ error: 'The fault rules are not JSON.' }, 400);
    }
    const rules = parseFaultRules(value);
    if (typeof rules === 'string') return answer({ error: rules }, 400);
    faults.set(rules);
    return answer({ rules: rules.length });
  }
}

function subjectOf(path: string, search: string): FaultSubject {
  const route = restRoute(path);
  if (route) {
    const hasRows = route.kind === 'klines' || route.kind === 'aggTrades';
    return { ...route, path, symbol: hasRows ? /(?:^|&)symbol=([^&]*)/.exec(search)?.[1] : undefined };
  }
  if (path === LISTING || path === `${LISTING}/`) return { kind: 'listing', path };
  const file = /^\/data\/(?:[^/]+\/)*([^/]+\.zip)(\.CHECKSUM)?$/.exec(path);
  if (!file) return { kind: 'other', path };
  const symbol = /\/(?:klines|aggTrades)\/([^/]+)\//.exec(path)?.[1];
  const market = /^\/data\/(?:futures\/)?(spot|um|cm)\//.exec(path)?.[1] as Market | undefined;
  return { kind: file[2] ? 'checksum' : 'archive', market, path, symbol, file: file[1] };
}

function isArchive(kind: RequestKind): boolean {
  return kind === 'archive' || kind === 'checksum' || kind === 'listing';
}

function spoilReply(reply: Reply, fault: FaultRule | null): Reply {
  if (!fault || reply.status >= 400) return reply;
  const { body } = reply;
  switch (fault.effect) {
    case 'missing':
      return isJson(reply) ? { ...reply, body: Buffer.from('[]') } : noSuchKey('practice-fault');
    case 'wrong_json':
      return { ...reply, body: Buffer.from(body.toString('latin1').slice(0, Math.max(1, body.length >> 1))) };
    case 'html_body':
      return { ...htmlReply(200, 'Maintenance') };
    case 'broken_gzip':
      return { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' } };
    case 'cut_gzip': {
      const packed = gzipSync(body);
      const headers = { ...reply.headers, 'content-encoding': 'gzip' };
      return { ...reply, headers, body: packed.subarray(0, packed.length >> 1) };
    }
    case 'bad_checksum':
      return { ...reply, body: Buffer.from(body.toString().replace(/^[0-9a-f]{64}/, 'f'.repeat(64))) };
    case 'checksum_newline':
      return { ...reply, body: Buffer.from(`${body.toString()}\n`) };
    case 'truncated_zip':
      return { ...reply, body: body.subarray(0, Math.floor(body.length * 0.6)) };
    case 'not_a_zip':
      return { ...reply, body: Buffer.from('this is no zip') };
    default:
      return reply;
  }
}

function isJson(reply: Reply): boolean {
  return reply.headers['content-type']?.startsWith('application/json') ?? false;
}

function send(response: ServerResponse, reply: Reply, head: boolean, fault: FaultRule | null): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(reply.body.length) });
  if (head) response.end();
  else if (fault?.effect === 'cut_body')
    response.write(reply.body.subarray(0, reply.body.length >> 1), () => response.socket?.destroy());
  else response.end(reply.body);
}
