import { createServer } from 'node:net';
import type { ServerPorts } from './server-record';

/**
 * QuestDB's own configuration. Loopback only, no telemetry, no listener but the three; tables are made by statements, never by
 * a misspelt line. Small append pages keep an open table at 2.5 MB on disk instead of 237 MB, short times to live give its
 * files back. Idle workers nap after 100 turns instead of 7,000: while rows come slowly they would spin a third of the server's
 * processor time away (measured). An unknown key is an error. Logins go through the environment, so that no secret stands here.
 */
export function serverConfig(ports: ServerPorts, more: Readonly<Record<string, string>> = {}): string {
  const added = Object.entries(more).map(([key, value]) => `${key}=${value}\n`);
  return `# Written by Tapemend at every start; changes here are lost.
http.net.bind.to=127.0.0.1:${ports.http}
http.min.net.bind.to=127.0.0.1:${ports.health}
pg.net.bind.to=127.0.0.1:${ports.pg}
line.tcp.enabled=false
line.udp.enabled=false
telemetry.enabled=false
metrics.enabled=true
http.min.worker.count=1
shared.network.worker.count=2
shared.query.worker.count=2
shared.write.worker.count=2
shared.worker.nap.threshold=100
wal.apply.worker.nap.threshold=100
line.auto.create.new.tables=false
line.auto.create.new.columns=false
query.timeout=300s
config.validation.strict=true
cairo.writer.data.append.page.size=128k
cairo.wal.writer.data.append.page.size=64k
cairo.writer.data.index.value.append.page.size=128k
cairo.writer.data.index.key.append.page.size=64k
cairo.inactive.writer.ttl=5000
cairo.inactive.reader.ttl=5000
cairo.wal.inactive.writer.ttl=5000
cairo.idle.check.interval=2000
${added.join('')}`;
}

/** Environment of the server. QuestDB's own variables of the surroundings would override the configuration: they stay out. */
export function serverEnvironment(
  surroundings: NodeJS.ProcessEnv,
  user: string,
  password: string,
): Record<string, string | undefined> {
  const others = Object.entries(surroundings).filter(([name]) => !name.startsWith('QDB_'));
  return {
    ...Object.fromEntries(others),
    QDB_HTTP_USER: user,
    QDB_HTTP_PASSWORD: password,
    QDB_PG_USER: user,
    QDB_PG_PASSWORD: password,
    QDB_LOG_W_STDOUT_LEVEL: 'ERROR',
  };
}

/** Three ports that nobody holds now; `wanted` ones are kept if they are free. Another program may still be faster. */
export async function freePorts(wanted: ServerPorts | null): Promise<ServerPorts> {
  const claims = await Promise.all(
    (['http', 'health', 'pg'] as const).map(async (name) => {
      const kept = wanted ? await claim(wanted[name]) : null;
      return kept ?? (await claim(0))!;
    }),
  );
  await Promise.all(claims.map(({ release }) => release()));
  const [http, health, pg] = claims.map(({ port }) => port);
  return { http: http!, health: health!, pg: pg! };
}

async function claim(port: number): Promise<{ port: number; release: () => Promise<void> } | null> {
  const server = createServer();
  const listening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
  if (!listening) return null;
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
