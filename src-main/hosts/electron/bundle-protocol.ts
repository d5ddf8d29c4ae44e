import { readFile } from 'node:fs/promises';
import { PAGE_HEADERS, resolvePageFile } from '../page';

export const BUNDLE_SCHEME = 'app';
export const BUNDLE_ORIGIN = 'app://bundle';

/** Answers a request of the `app:` scheme from the built page in `root`: GET, host `bundle`, files inside, nothing else. */
export async function answerBundleRequest(request: { url: string; method: string }, root: string): Promise<Response> {
  if (request.method !== 'GET') return refusal(405);
  // Not through URL: it would fold `..` away and hide what was asked for.
  const match = /^app:\/\/bundle(\/[^?#]*)?(?:[?#]|$)/.exec(request.url);
  if (!match) return refusal(400);
  const found = resolvePageFile(root, match[1] ?? '/');
  if (!found.ok) return refusal(found.status);
  const body = await readFile(found.file).catch(() => null);
  if (body === null) return refusal(404);
  return new Response(new Uint8Array(body), { headers: { ...PAGE_HEADERS, 'content-type': found.contentType } });
}

function refusal(status: number): Response {
  return new Response(null, { status, headers: PAGE_HEADERS });
}
