/** A parsed control message, or the error body to send back. */
export type ControlMessage =
  | { method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; params: string[]; id: RequestId }
  | { method: 'LIST_SUBSCRIPTIONS'; id: RequestId }
  | { method: 'SET_PROPERTY'; value: boolean; id: RequestId }
  | { method: 'GET_PROPERTY'; id: RequestId };

export type RequestId = number | string | null;

export interface ControlError {
  code: number;
  msg: string;
  id?: RequestId;
}

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'];

/** Reads what a stream client sent; the error texts are the exchange's. */
export function parseControl(text: string): ControlMessage | ControlError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' };
  }
  const message = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const end = `at line 1 column ${text.length}`;
  const refuse = (msg: string, code = 2): ControlError => {
    const body: ControlError = { code, msg: code === 2 ? `Invalid request: ${msg}` : msg };
    if (isRequestId(message.id)) body.id = message.id;
    return body;
  };
  if (message.id !== undefined && !isRequestId(message.id)) return refuse('request ID must be an unsigned integer');
  if (message.method === undefined) return refuse(`missing field \`method\` ${end}`);
  const method = String(message.method);
  if (!METHODS.includes(method)) {
    const names = METHODS.map((each) => `\`${each}\``).join(', ');
    const column = text.indexOf(JSON.stringify(message.method)) + JSON.stringify(message.method).length;
    return refuse(`unknown variant \`${method}\`, expected one of ${names} at line 1 column ${column}`);
  }
  const id = (message.id ?? null) as RequestId;
  const params = message.params ?? [];
  if (!Array.isArray(params)) return refuse(`invalid type: expected a sequence ${end}`);
  switch (method) {
    case 'LIST_SUBSCRIPTIONS':
      return { method, id };
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      if (!params.every((each) => typeof each === 'string')) return refuse(`invalid type: expected a string ${end}`);
      return { method, params, id };
    case 'SET_PROPERTY':
      if (params.length > 2) return refuse('too many parameters');
      if (typeof params[0] !== 'string') return refuse('property name must be a string');
      if (params[0] !== 'combined') return refuse('Unknown property', 0);
      if (typeof params[1] !== 'boolean') return refuse('Invalid value type: expected Boolean', 1);
      return { method, value: params[1], id };
    default:
      if (params.length > 1) return refuse('too many parameters');
      if (typeof params[0] !== 'string') return refuse('property name must be a string');
      if (params[0] !== 'combined') return refuse('Unknown property', 0);
      return { method: 'GET_PROPERTY', id };
  }
}

function isRequestId(value: unknown): value is RequestId {
  if (value === null) return true;
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
  return typeof value === 'string' && /^[A-Za-z0-9-_]{1,36}$/.test(value);
}
