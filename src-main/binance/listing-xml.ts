import { AppError } from '@shared/contract';

/** One object of the bucket. */
export interface ArchiveObject {
  key: string;
  /** Epoch ms. */
  lastModified: number;
  /** Without quotes. */
  etag: string;
  size: number;
}

export interface ListingPage {
  objects: ArchiveObject[];
  /** Folders below the prefix, with a final slash; only when a delimiter was given. */
  prefixes: string[];
  truncated: boolean;
  /** Where the next page starts, when the server tells. */
  nextMarker: string | null;
}

interface Element {
  name: string;
  text: string;
  children: Element[];
}

/** A tag with nothing but an `xmlns` in it, or the text between two tags. */
const TOKEN = /<(\/?)([A-Za-z][A-Za-z0-9]*)(\s+xmlns="[^"<]*")?\s*(\/?)>|([^<]+)/y;
const DECLARATION = /^\uFEFF?\s*(?:<\?xml[^<>]*\?>\s*)?/;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const MOST_DEPTH = 8;

/**
 * Reads one page of an S3 listing (version 1). It knows elements, text and the entities of XML and refuses everything else
 * (comments, CDATA, doctypes, attributes): an answer of some other service must not pass for an empty folder.
 * Throws `archive.bad_listing`.
 */
export function parseListing(xml: string, source: string): ListingPage {
  const bad = (reason: string) =>
    new AppError(
      'archive.bad_listing',
      `The listing of ${source} cannot be read: ${reason}. Check the setting binance.archiveListUrl, or try again later.`,
      { source, reason, start: xml.slice(0, 200) },
    );
  const root = parseElements(xml, bad);
  if (root.name !== 'ListBucketResult') throw bad(`it is a ${root.name}, not a ListBucketResult`);
  const value = (element: Element, name: string): string | null =>
    element.children.find((child) => child.name === name)?.text ?? null;
  const truncated = value(root, 'IsTruncated');
  if (truncated !== 'true' && truncated !== 'false') throw bad('it does not tell whether it is complete');
  const objects: ArchiveObject[] = [];
  const prefixes: string[] = [];
  for (const child of root.children) {
    if (child.name === 'CommonPrefixes') {
      for (const { name, text } of child.children) if (name === 'Prefix') prefixes.push(text);
    } else if (child.name === 'Contents') {
      const key = value(child, 'Key');
      const lastModified = Date.parse(value(child, 'LastModified') ?? '');
      const size = value(child, 'Size') ?? '';
      if (!key || Number.isNaN(lastModified) || !/^\d{1,15}$/.test(size)) {
        throw bad(`its object ${objects.length + 1} lacks a key, a time or a size`);
      }
      objects.push({ key, lastModified, size: Number(size), etag: (value(child, 'ETag') ?? '').replace(/^"|"$/g, '') });
    }
  }
  return { objects, prefixes, truncated: truncated === 'true', nextMarker: value(root, 'NextMarker') || null };
}

function parseElements(xml: string, bad: (reason: string) => AppError): Element {
  const document: Element = { name: '', text: '', children: [] };
  const open: Element[] = [document];
  TOKEN.lastIndex = DECLARATION.exec(xml)![0].length;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(xml);
    if (!match) throw bad(`it holds something unknown at character ${at + 1}`);
    const [, closing, name = '', , empty, text] = match;
    const current = open[open.length - 1]!;
    if (text !== undefined) current.text += decoded(text, bad);
    else if (closing) {
      if (open.length === 1 || current.name !== name || empty) throw bad(`</${name}> closes nothing`);
      open.pop();
    } else {
      const element: Element = { name, text: '', children: [] };
      current.children.push(element);
      if (!empty) open.push(element);
      if (open.length > MOST_DEPTH) throw bad('its elements are nested too deeply');
    }
  }
  const [root] = document.children;
  if (open.length !== 1 || document.children.length !== 1 || !root || document.text.trim() !== '') {
    throw bad(xml.trim() === '' ? 'it is empty' : 'it is cut off, or no XML');
  }
  return root;
}

function decoded(text: string, bad: (reason: string) => AppError): string {
  return text.replace(/&([^;&]{0,12};?)?/g, (whole, inner: string | undefined) => {
    const name = inner?.endsWith(';') ? inner.slice(0, -1) : '';
    const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
    const code = number ? Number.parseInt(number[1] ?? number[2]!, number[1] ? 16 : 10) : 0;
    if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known === undefined) throw bad(`it holds the unknown entity "${whole.slice(0, 12)}"`);
    return known;
  });
}
