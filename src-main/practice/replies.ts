/** One HTTP answer before faults are applied to it. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const JSON_TYPE = 'application/json;charset=UTF-8';

/** A refusal in the exchange's form; the message is the exchange's own wording. */
export class ExchangeError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly status = 400,
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

export function jsonReply(value: unknown, status = 200): Reply {
  return jsonBytes(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), status);
}

export function jsonBytes(body: Buffer, status = 200): Reply {
  return { status, headers: { 'content-type': JSON_TYPE }, body };
}

export function errorReply(error: ExchangeError): Reply {
  const reply = jsonReply({ code: error.code, msg: error.message }, error.status);
  if (error.retryAfter !== undefined) reply.headers['retry-after'] = String(error.retryAfter);
  return reply;
}

export function xmlReply(xml: string, status = 200): Reply {
  return {
    status,
    headers: { 'content-type': 'application/xml', server: 'AmazonS3' },
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`),
  };
}

export function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

export function noSuchKey(key: string): Reply {
  return xmlReply(
    `<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>${escapeXml(key)}</Key><RequestId>PRACTICE</RequestId><HostId>practice</HostId></Error>`,
    404,
  );
}

/** HTML as a proxy in front of the exchange sends it. */
export function htmlReply(status: number, title: string): Reply {
  const html = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>cloudfront</center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { 'content-type': 'text/html', server: 'CloudFront' }, body: Buffer.from(html) };
}

const RESTRICTED =
  "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error.";

/** What comes with a status that a fault rule asks for. */
export function faultReply(status: number, archive: boolean, retryAfter: number | undefined, now: number): Reply {
  const reply = archive ? archiveFault(status) : restFault(status, now + (retryAfter ?? 120) * 1_000);
  if (retryAfter !== undefined || status === 429 || status === 418)
    reply.headers['retry-after'] = String(retryAfter ?? 1);
  return reply;
}

function archiveFault(status: number): Reply {
  if (status === 404) return noSuchKey('practice-fault');
  const code = status === 403 ? 'AccessDenied' : status === 503 ? 'SlowDown' : 'InternalError';
  return xmlReply(
    `<Error><Code>${code}</Code><Message>${code}</Message><RequestId>PRACTICE</RequestId></Error>`,
    status,
  );
}

function restFault(status: number, bannedUntil: number): Reply {
  switch (status) {
    case 403:
      return htmlReply(403, 'ERROR: The request could not be satisfied');
    case 502:
      return htmlReply(502, 'Bad Gateway');
    case 404:
      return htmlReply(404, 'Not Found');
    case 451:
      return jsonReply({ code: 0, msg: RESTRICTED }, 451);
    case 429:
      return jsonReply({ code: -1003, msg: tooMuchWeight(6_000) }, 429);
    case 418:
      return jsonReply({ code: -1003, msg: bannedMessage(bannedUntil) }, 418);
    case 503:
      return jsonReply(
        {
          code: -1008,
          msg: 'Server is currently overloaded with other requests. Please try again in a few minutes.',
        },
        503,
      );
    case 504:
      return jsonReply({ code: -1007, msg: 'Timeout waiting for response from backend server.' }, 504);
    default:
      return jsonReply({ code: -1000, msg: 'An unknown error occurred while processing the request.' }, status);
  }
}

export function tooMuchWeight(limit: number): string {
  return `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`;
}

export function bannedMessage(until: number): string {
  return `Way too much request weight used; IP banned until ${Math.round(until)}. Please use WebSocket Streams for live updates to avoid bans.`;
}
