import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { QuestDbAddress } from '../address';
import { IlpWriter } from './ilp-writer';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

const status =
  (code: number, text = ''): Answer =>
  (_, response) =>
    response.writeHead(code).end(text);
const hangUp: Answer = (request) => request.socket.destroy();

/** A server that answers one request after the other as told, the last answer for ever. */
async function serve(answers: Answer[]) {
  const bodies: string[] = [];
  const sockets = new Set<unknown>();
  server = createServer((request, response) => {
    sockets.add(request.socket);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      bodies.push(Buffer.concat(parts).toString());
      (answers.length > 1 ? answers.shift() : answers[0])?.(request, response);
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const address: QuestDbAddress = { dsn: '', httpUrl: `http://127.0.0.1:${port}`, version: '9.3.4', managed: true };
  const pauses: number[] = [];
  const times: boolean[] = [];
  const writer = new IlpWriter(() => address, {
    patienceMs: 1_000,
    wait: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    metrics: { databaseAnswered: (_operation, _seconds, isOk) => void times.push(isOk), rowsWritten() {} },
  });
  return { writer, bodies, sockets, pauses, times, address };
}

const BODY = Buffer.from('t,a=b c=1i 1000\n');

it('would give up, or send other bytes, when the server is away for a moment', async () => {
  const { writer, bodies, pauses, times } = await serve([hangUp, status(503, 'busy'), hangUp, status(204)]);
  await writer.writeLines(BODY);
  expect(times).toEqual([false, false, false, true]);
  expect(bodies).toEqual(new Array(4).fill(BODY.toString()));
  expect(pauses).toEqual([100, 200, 400]);
});

it('would try for ever when the server stays away', async () => {
  const { writer, bodies } = await serve([hangUp]);
  await expect(writer.writeLines(BODY)).rejects.toMatchObject({ code: 'questdb.connection_lost' });
  expect(bodies).toHaveLength(5);
});

it.each([
  [
    400,
    '{"code":"invalid","message":"error in line 2: table: t, column: zzz does not exist","line":2}',
    'questdb.bad_lines',
    /zzz/,
  ],
  [
    400,
    '{"message":"table: t; table does not exist, creating new tables is disabled"}',
    'questdb.no_table',
    /Create the table/,
  ],
  [401, 'Unauthorized', 'questdb.password', /refuses the user name/],
  [
    500,
    '{"code":"internal error","message":"write error: t, errno: 28, error: No space left"}',
    'questdb.disk_full',
    /Free space/,
  ],
  [500, '{"message":"errno: 24, error: could not open read-write"}', 'questdb.file_limit', /ulimit/],
] as const)('would repeat what can never succeed: %i %s', async (code, text, expected, sentence) => {
  const { writer, bodies } = await serve([status(code, text)]);
  const writing = writer.writeLines(BODY);
  await expect(writing).rejects.toMatchObject({ code: expected });
  await expect(writing).rejects.toThrow(sentence);
  expect(bodies).toHaveLength(1);
});

it('would open a connection for every request, or keep it after close', async () => {
  const { writer, sockets } = await serve([status(204)]);
  for (let i = 0; i < 5; i++) await writer.writeLines(BODY);
  expect(sockets.size).toBe(1);
  const [socket] = sockets as Set<{ destroyed: boolean; once(event: string, done: () => void): void }>;
  const closed = new Promise<void>((done) => socket?.once('close', done));
  writer.close();
  await closed;
  await expect(writer.writeLines(BODY)).rejects.toMatchObject({ code: 'questdb.closed' });
});

it('would keep the caller waiting after it has cancelled', async () => {
  const { address } = await serve([hangUp]);
  const patient = new IlpWriter(() => address, { patienceMs: 60_000 });
  const cancel = new AbortController();
  const writing = patient.writeLines(BODY, cancel.signal);
  setImmediate(() => cancel.abort(new Error('enough')));
  await expect(writing).rejects.toThrow('enough');
  patient.close();
});

it('would send parts as requests of their own, in another order, or not again after a lost connection', async () => {
  const { writer, bodies } = await serve([hangUp, status(204)]);
  const parts = Array.from({ length: 12 }, (_, i) => Buffer.alloc(50_000, 97 + i));
  await writer.writeLines(parts);
  expect(bodies.map((body) => body.length)).toEqual([600_000, 600_000]);
  expect(bodies[1]).toBe(Buffer.concat(parts).toString());
});
