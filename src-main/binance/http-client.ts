import { Agent as HttpAgent, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios from 'axios';

export interface HttpReply {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Size over the wire, compressed. */
  wireBytes: number;
}

/** Gets a whole answer, whatever its status. Rejects when there is none, or when its body was cut or damaged. */
export interface HttpClient {
  get(url: string, options: HttpGetOptions): Promise<HttpReply>;
  /** Status and headers only; the body is empty, and `wireBytes` is 0. */
  head(url: string, options: Omit<HttpGetOptions, 'maxBytes'>): Promise<HttpReply>;
}

/** What REST needs. */
export type HttpGetter = Pick<HttpClient, 'get'>;

export interface HttpGetOptions {
  signal?: AbortSignal | undefined;
  /** Gives up when nothing at all arrives for this long. */
  stallMs: number;
  maxBytes: number;
  /** Further request headers. */
  headers?: Readonly<Record<string, string>>;
}

/** Answers that name another address in `location`. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 5;
/** Both families of the own machine's address: never through a proxy. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** HTTP by axios: keep-alive connections, and the proxies that the environment names. */
export class AxiosHttpClient implements HttpClient {
  readonly #httpAgent: HttpAgent;
  readonly #httpsAgent: HttpsAgent;

  constructor(options: { maxSockets?: number } = {}) {
    const agent = { keepAlive: true, maxSockets: options.maxSockets ?? 16 };
    this.#httpAgent = new HttpAgent(agent);
    this.#httpsAgent = new HttpsAgent(agent);
  }

  get(url: string, options: HttpGetOptions): Promise<HttpReply> {
    return this.#request('get', url, options);
  }

  head(url: string, options: Omit<HttpGetOptions, 'maxBytes'>): Promise<HttpReply> {
    return this.#request('head', url, { ...options, maxBytes: 0 });
  }

  /**
   * A kept connection that the server had just closed says nothing of the server: the same is asked again at once. Each failure
   * takes one such connection away, so that this ends with a new one.
   */
  async #request(method: 'get' | 'head', url: string, options: HttpGetOptions): Promise<HttpReply> {
    for (;;) {
      try {
        return await this.#attempt(method, url, options);
      } catch (error) {
        if (options.signal?.aborted || !isStaleConnection(error)) throw error;
      }
    }
  }

  async #attempt(method: 'get' | 'head', url: string, options: HttpGetOptions): Promise<HttpReply> {
    const { signal, stallMs, maxBytes } = options;
    signal?.throwIfAborted();
    const stop = new AbortController();
    let stalled = false;
    // axios' own timeout ends with the headers; this one also watches the body.
    const timer = setTimeout(() => {
      stalled = true;
      stop.abort();
    }, stallMs);
    const abort = () => stop.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const ask = (maxRedirects: number) =>
      axios.request<Readable>({
        url,
        method,
        ...(options.headers ? { headers: { ...options.headers } } : {}),
        // Read here: what axios does to tell of progress and to join bodies costs as much as the rest of a request.
        responseType: 'stream',
        validateStatus: () => true,
        maxRedirects,
        httpAgent: this.#httpAgent,
        httpsAgent: this.#httpsAgent,
        signal: stop.signal,
        ...(LOOPBACK.test(new URL(url).hostname) ? { proxy: false as const } : {}),
      });
    try {
      // Following redirects costs more than the request itself, and hardly any answer is one.
      let reply = await ask(0);
      if (REDIRECTS.has(reply.status) && reply.headers.location) {
        reply.data.destroy();
        reply = await ask(MOST_REDIRECTS);
      }
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(reply.headers)) {
        if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
      }
      if (method === 'head') {
        reply.data.resume();
        return { status: reply.status, headers, body: new Uint8Array(0), wireBytes: 0 };
      }
      const length = Number(headers['content-length'] ?? Number.NaN);
      // What was unpacked on the way is another stream, and the length is not its.
      const isPlain = reply.data instanceof IncomingMessage;
      const body = await readBody(reply.data, isPlain ? length : Number.NaN, maxBytes, () => timer.refresh());
      return { status: reply.status, headers, body, wireBytes: Number.isFinite(length) ? length : body.length };
    } catch (error) {
      signal?.throwIfAborted();
      if (stalled) throw new Error(`nothing arrived for ${stallMs / 1000} s`, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Closes the connections that are kept open. */
  close(): void {
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }
}

interface SentRequest {
  reusedSocket?: boolean;
  res?: unknown;
  /** Of the library that follows redirects: the request that is really under way. */
  _currentRequest?: SentRequest;
}

/** A connection that had served before ended without a byte of the answer. */
function isStaleConnection(error: unknown): boolean {
  if (!axios.isAxiosError(error) || (error.code !== 'ECONNRESET' && error.code !== 'EPIPE')) return false;
  const sent = error.request as SentRequest | undefined;
  const request = sent?._currentRequest ?? sent;
  return request?.reusedSocket === true && !request.res;
}

/** The whole body, in memory of its own when its length is known. Rejects when it is cut, damaged or longer than `maxBytes`. */
async function readBody(
  stream: Readable,
  length: number,
  maxBytes: number,
  onPart: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLong = () => new Error(`the answer has more than ${maxBytes} bytes`);
  if (length > maxBytes) {
    stream.destroy();
    throw tooLong();
  }
  const whole = Number.isFinite(length) ? new Uint8Array(new ArrayBuffer(length)) : null;
  const parts: Buffer[] = [];
  let at = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    onPart();
    if (at + part.length > maxBytes) throw tooLong();
    if (whole) whole.set(part, at);
    else parts.push(part);
    at += part.length;
  }
  return whole ? whole.subarray(0, at) : new Uint8Array(Buffer.concat(parts));
}

/** Why there was no answer, in a few words: `connect ECONNREFUSED 127.0.0.1:9`. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message) return error.message;
  // Happy-eyeballs failures have an empty message and list the tries.
  if (error instanceof AggregateError) return error.errors.map(networkReason).join(', ');
  return 'code' in error ? String(error.code) : error.name;
}
