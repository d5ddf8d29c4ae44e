import type { RequestMetrics, RequestOutcome, RequestSource } from '../metrics';
import { AxiosHttpClient, type HttpGetOptions, type HttpReply } from './http-client';

/** HTTP whose requests to one source are counted, each try by itself. */
export class MeasuredHttpClient extends AxiosHttpClient {
  constructor(
    private readonly source: RequestSource,
    private readonly metrics: RequestMetrics,
  ) {
    super();
  }

  override get(url: string, options: HttpGetOptions): Promise<HttpReply> {
    return this.#counted(super.get(url, options), options);
  }

  override head(url: string, options: Omit<HttpGetOptions, 'maxBytes'>): Promise<HttpReply> {
    return this.#counted(super.head(url, options), options);
  }

  async #counted(asked: Promise<HttpReply>, options: Pick<HttpGetOptions, 'signal'>): Promise<HttpReply> {
    try {
      const reply = await asked;
      this.metrics.requestDone(this.source, outcomeOf(reply.status), reply.wireBytes);
      return reply;
    } catch (error) {
      this.metrics.requestDone(this.source, options.signal?.aborted ? 'cancelled' : 'unreachable', 0);
      throw error;
    }
  }
}

function outcomeOf(status: number): RequestOutcome {
  if (status < 400) return 'ok';
  if (status === 404) return 'missing';
  if (status === 429 || status === 418) return 'throttled';
  return status < 500 ? 'refused' : 'failed';
}
