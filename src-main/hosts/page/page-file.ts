import { extname, isAbsolute, relative, resolve, sep } from 'node:path';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Null for kinds that are no part of a page (source maps, executables), which are not served. */
export function contentTypeOf(file: string): string | null {
  return CONTENT_TYPES[extname(file).toLowerCase()] ?? null;
}

export type PageFile = { ok: true; file: string; contentType: string } | { ok: false; status: 400 | 404 };

/**
 * Finds the file that a request path names, inside `root` and nowhere else. `path` is as it came: percent-encoded, beginning
 * with a slash, without query. It is decoded exactly once, so that a doubly encoded `..` stays a strange file name.
 */
export function resolvePageFile(root: string, path: string): PageFile {
  const decoded = decodeOnce(path);
  if (decoded === null || !decoded.startsWith('/') || /[\0\\:]/.test(decoded)) return { ok: false, status: 400 };
  const base = resolve(root);
  const file = resolve(base, `.${decoded === '/' ? '/index.html' : decoded}`);
  const inside = relative(base, file);
  if (inside === '' || isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`))
    return { ok: false, status: 404 };
  const contentType = contentTypeOf(file);
  return contentType ? { ok: true, file, contentType } : { ok: false, status: 404 };
}

function decodeOnce(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
