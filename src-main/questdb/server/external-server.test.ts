import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { AppError } from '@shared/contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ExternalServer } from './external-server';

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A listener that treats every connection so; its port. */
async function listen(treat: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => socket.destroy()));
    treat(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return portOf(server);
}

async function listenHttp(answer: RequestListener): Promise<number> {
  const server = createHttpServer(answer);
  onTestFinished(() => void server.close());
  return portOf(server);
}

/** A PG message: type, length, body. */
function message(type: string, ...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number) => Buffer.from([value >> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);

/** Speaks just enough PG to let everyone in and to answer every query with one text; or to refuse at the door. */
function speakPg(version: string, refusal?: string): (socket: Socket) => void {
  return (socket) => {
    let greeted = false;
    socket.on('data', (data) => {
      if (!greeted) {
        greeted = true;
        socket.write(
          refusal === undefined
            ? Buffer.concat([message('R', int32(0)), message('Z', 'I')])
            : message('E', 'SFATAL\0C00000\0M', refusal, '\0\0'),
        );
        if (refusal !== undefined) socket.end();
        return;
      }
      // Parse, Bind, Describe, Execute come together and end with Sync; a simple query comes alone.
      if (!data.includes('S') && data[0] !== 81) return;
      if (data[0] === 88) return;
      const column = Buffer.concat([
        Buffer.from('version\0'),
        int32(0),
        int16(0),
        int32(25),
        int16(-1),
        int32(-1),
        int16(0),
      ]);
      const simple = data[0] === 81;
      socket.write(
        Buffer.concat([
          ...(simple ? [] : [message('1'), message('2')]),
          message('T', int16(1), column),
          message('D', int16(1), int32(Buffer.byteLength(version)), version),
          message('C', 'SELECT 1\0'),
          message('Z', 'I'),
        ]),
      );
    });
  };
}

const QUESTDB_BANNER = 'PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB';

/** HTTP side of a QuestDB of some version; `login` is what it wants to see. */
function speakHttp(version: string, login?: string): RequestListener {
  return (request, response) => {
    if (request.url === '/settings') return response.end(JSON.stringify({ config: { 'release.version': version } }));
    const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
    if (wanted && request.headers.authorization !== wanted) return response.writeHead(401).end('Unauthorized');
    return response.end('{"dataset":[[1]]}');
  };
}

async function failureOf(options: { pg: number; http?: number; httpUrl?: string; login?: string }): Promise<AppError> {
  const {
    pg,
    http,
    httpUrl = http === undefined ? undefined : `http://127.0.0.1:${http}`,
    login = 'admin:quest',
  } = options;
  const server = new ExternalServer({ dsn: `postgresql://${login}@127.0.0.1:${pg}/qdb`, httpUrl, patienceMs: 400 });
  const error = await server.start().then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  expect(server.status).toMatchObject({ state: 'unreachable', managed: false, detail: error.message });
  expect(error.message).not.toContain('quest@');
  expect(server.address()).toBeNull();
  return error;
}

describe("the user's own server", () => {
  it('would be joined without a look, or kept after stop', async () => {
    const pg = await listen(speakPg(QUESTDB_BANNER));
    const http = await listenHttp(speakHttp('9.2.0'));
    const dsn = `postgresql://me:secret@127.0.0.1:${pg}/qdb`;
    const server = new ExternalServer({ dsn, httpUrl: `http://127.0.0.1:${http}` });
    expect(await server.start()).toEqual({
      dsn,
      httpUrl: `http://127.0.0.1:${http}`,
      version: '9.2.0',
      managed: false,
    });
    expect(server.status).toMatchObject({ state: 'running', version: '9.2.0', managed: false });
    expect(JSON.stringify(server.status)).not.toContain('secret');
    await server.stop();
    expect(server.status.state).toBe('stopped');
  });

  it('would fail in a riddle when nobody listens', async () => {
    const gone = createServer();
    const pg = await portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    const error = await failureOf({ pg });
    expect([error.code, error.message]).toEqual([
      'questdb.unreachable',
      expect.stringMatching(`No server answers at 127.0.0.1:${pg} .*ECONNREFUSED.* Start it, or correct questdb.dsn`),
    ]);
  });

  it.each([
    ['greets like a mail server', (socket: Socket) => void socket.write('220 mail.example ESMTP\r\n')],
    ['hangs up', (socket: Socket) => void socket.on('data', () => socket.end())],
    ['resets', (socket: Socket) => void socket.on('data', () => socket.resetAndDestroy())],
    ['says nothing', () => {}],
    [
      'speaks HTTP',
      (socket: Socket) =>
        void socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
    ],
  ])('would be called absent when what listens %s', async (_, treat) => {
    const pg = await listen(treat);
    const error = await failureOf({ pg });
    expect([error.code, error.message]).toEqual([
      'questdb.not_questdb',
      expect.stringMatching(`What answers at 127.0.0.1:${pg} does not speak like a QuestDB .*8812 unless changed`),
    ]);
  });

  it('would be used although it is a PostgreSQL', async () => {
    const pg = await listen(speakPg('PostgreSQL 16.4 (Debian 16.4-1) on x86_64-pc-linux-gnu'));
    const error = await failureOf({ pg });
    expect([error.code, error.message]).toEqual([
      'questdb.not_questdb',
      expect.stringContaining('is no QuestDB but "PostgreSQL 16.4'),
    ]);
  });

  it.each(['invalid username/password', 'password authentication failed for user "admin"'])(
    'would not say that the login is wrong when it hears: %s',
    async (words) => {
      const pg = await listen(speakPg('', words));
      const error = await failureOf({ pg });
      expect([error.code, error.message]).toEqual([
        'questdb.password',
        expect.stringContaining(`127.0.0.1:${pg} refuses the user name or the password in questdb.dsn`),
      ]);
    },
  );

  it.each(['9.1.4', '8.3.1'])('would be used although version %s is too old', async (version) => {
    const pg = await listen(speakPg(QUESTDB_BANNER));
    const http = await listenHttp(speakHttp(version));
    const error = await failureOf({ pg, http });
    expect([error.code, error.message]).toEqual([
      'questdb.too_old',
      expect.stringContaining(`is version ${version}; Tapemend needs 9.2 or newer`),
    ]);
  });

  it('would be no QuestDB because it is so old that it has no /settings', async () => {
    const pg = await listen(speakPg(QUESTDB_BANNER));
    const http = await listenHttp((request, response) => response.writeHead(request.url === '/ping' ? 204 : 404).end());
    expect(await failureOf({ pg, http })).toMatchObject({ code: 'questdb.too_old', data: { version: 'before 8' } });
  });

  it('would be blamed as a whole when only its HTTP side is absent, wrong or closed to us', async () => {
    const pg = await listen(speakPg(QUESTDB_BANNER));
    const gone = createServer();
    const free = await portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    const absent = await failureOf({ pg, http: free });
    expect([absent.code, absent.message]).toEqual([
      'questdb.http_unreachable',
      expect.stringContaining(`http://127.0.0.1:${free}`),
    ]);
    const other = await listenHttp((_, response) => response.writeHead(404).end('nginx'));
    const wrong = await failureOf({ pg, http: other });
    expect([wrong.code, wrong.message]).toEqual(['questdb.not_questdb', expect.stringContaining('questdb.httpUrl')]);
    const locked = await listenHttp(speakHttp('9.3.4', 'ann:other'));
    expect((await failureOf({ pg, http: locked })).code).toBe('questdb.http_password');
    expect((await failureOf({ pg, httpUrl: 'ftp://ann:quest@127.0.0.1:21' })).code).toBe('questdb.http_invalid');
    expect((await failureOf({ pg, httpUrl: 'no address' })).code).toBe('questdb.http_invalid');
  });

  it('would ask for a second login where that of the DSN or of the HTTP address fits', async () => {
    const pg = await listen(speakPg(QUESTDB_BANNER));
    const http = await listenHttp(speakHttp('9.3.4', 'ann:p@ss'));
    const start = (dsn: string, httpUrl: string) => new ExternalServer({ dsn, httpUrl }).start();
    const login = { httpUser: 'ann', httpPassword: 'p@ss' };
    expect(await start(`postgresql://ann:p%40ss@127.0.0.1:${pg}/qdb`, `http://127.0.0.1:${http}`)).toMatchObject(login);
    expect(await start(`postgresql://127.0.0.1:${pg}/qdb`, `http://ann:p%40ss@127.0.0.1:${http}`)).toMatchObject({
      ...login,
      httpUrl: `http://127.0.0.1:${http}`,
    });
  });

  it('would keep a caller waiting who has left', async () => {
    const leaving = new AbortController();
    const pg = await listen(() => leaving.abort(new Error('gone')));
    const server = new ExternalServer({ dsn: `postgresql://127.0.0.1:${pg}/qdb`, patienceMs: 3_600_000 });
    await expect(server.start(leaving.signal)).rejects.toThrow('gone');
    expect(server.status.state).toBe('stopped');
  });
});
