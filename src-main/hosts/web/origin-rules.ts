import { AppError } from '@shared/contract';

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'] as const;

/** The host to listen on. Throws `usage.host` for one that other machines could reach. */
export function loopbackHost(host: string): string {
  const bare = host === '[::1]' ? '::1' : host;
  if (bare === '127.0.0.1' || bare === 'localhost' || bare === '::1') return bare;
  throw new AppError('usage.host', `${host} is not this machine alone: --host takes 127.0.0.1, localhost or ::1.`);
}

/** True for a Host header that names this server; a name that an attacker rebinds to 127.0.0.1 does not. */
export function isOwnHost(header: string | undefined, port: number): boolean {
  // Browsers leave the default port out.
  const suffix = port === 80 ? '' : `:${port}`;
  return header !== undefined && LOOPBACK_HOSTS.some((host) => header.toLowerCase() === `${host}${suffix}`);
}

/** True for the origin of a page that this server itself served under the host that the request names. */
export function isOwnOrigin(origin: string | undefined, hostHeader: string | undefined, port: number): boolean {
  return isOwnHost(hostHeader, port) && origin === `http://${hostHeader?.toLowerCase()}`;
}

/** Value of one cookie; null when it is absent or comes twice (somebody tries to shadow it). */
export function cookieNamed(header: string | undefined, name: string): string | null {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? (values[0] ?? null) : null;
}
