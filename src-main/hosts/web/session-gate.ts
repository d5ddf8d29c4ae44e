import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '@shared/contract';

/**
 * Who may come in: the first browser that shows the token of the printed address gets a session; from then on the session
 * counts and the token is worth nothing to anybody else.
 */
export class SessionGate {
  readonly token: string;
  readonly #session: string;
  #spent = false;

  constructor(random: (bytes: number) => Buffer = randomBytes) {
    this.token = random(32).toString('base64url');
    this.#session = random(32).toString('base64url');
  }

  isSession(value: string | null): boolean {
    return value !== null && equalInConstantTime(value, this.#session);
  }

  /** Returns the session to remember. Throws `rpc.session` with what to do. */
  enter(session: string | null, token: string | null): string {
    if (this.isSession(session)) return this.#session;
    if (token === null)
      throw new AppError(
        'rpc.session',
        'This browser has no session here. Open the full address that `tapemend serve` printed, with its token.',
      );
    if (!equalInConstantTime(token, this.token))
      throw new AppError(
        'rpc.session',
        'The token in this address is not the one of the running Tapemend. Open the address that it printed last.',
      );
    if (this.#spent)
      throw new AppError(
        'rpc.session',
        'This address was opened by another browser already. Start `tapemend serve` again to get a new one.',
      );
    this.#spent = true;
    return this.#session;
  }
}

function equalInConstantTime(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
