import { archiveInterval, DAY_MS, MARKETS, type Range } from '@shared/market';
import { ARCHIVE_ROOTS, type ArchiveTier, archiveIntervals } from './archive-key';
import type { ArchiveObject, ArchiveStore } from './archive-store';
import { escapeXml, type Reply, xmlReply } from './replies';

const MAX_KEYS = 1_000;
const BUCKET = 'data.binance.vision';

/** `GET /data.binance.vision?prefix=…`: the bucket's listing, versions 1 and 2. */
export function answerListing(store: ArchiveStore, search: string, now: number): Reply {
  const query = new URLSearchParams(search);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const second = query.get('list-type') === '2';
  const given = Number(query.get('max-keys') ?? MAX_KEYS);
  if (!Number.isInteger(given) || given < 0 || (delimiter !== '' && delimiter !== '/'))
    return xmlReply('<Error><Code>InvalidArgument</Code><Message>Invalid argument</Message></Error>', 400);
  const maxKeys = Math.min(MAX_KEYS, given);
  const after = second
    ? (query.get('continuation-token') ?? query.get('start-after') ?? '')
    : (query.get('marker') ?? '');
  const found = list(store, prefix, delimiter, after, maxKeys, now);
  const last = found.entries.at(-1)?.name ?? '';
  const head = second
    ? `<KeyCount>${found.entries.length}</KeyCount>${found.truncated ? `<NextContinuationToken>${escapeXml(last)}</NextContinuationToken>` : ''}`
    : `<Marker>${escapeXml(after)}</Marker>${found.truncated && delimiter ? `<NextMarker>${escapeXml(last)}</NextMarker>` : ''}`;
  const contents = found.entries.flatMap(({ object }) => (object ? [contentsXml(object)] : []));
  const prefixes = found.entries
    .filter(({ object }) => !object)
    .map(({ name }) => `<CommonPrefixes><Prefix>${escapeXml(name)}</Prefix></CommonPrefixes>`);
  return xmlReply(
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${BUCKET}</Name><Prefix>${escapeXml(prefix)}</Prefix>${head}<MaxKeys>${maxKeys}</MaxKeys>${delimiter ? `<Delimiter>${delimiter}</Delimiter>` : ''}<IsTruncated>${found.truncated}</IsTruncated>${contents.join('')}${prefixes.join('')}</ListBucketResult>`,
  );
}

function contentsXml({ key, lastModified, etag, size }: ArchiveObject): string {
  const modified = new Date(lastModified).toISOString();
  return `<Contents><Key>${escapeXml(key)}</Key><LastModified>${modified}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
}

interface Entry {
  name: string;
  /** Absent for a common prefix. */
  object?: ArchiveObject;
}

function list(
  store: ArchiveStore,
  prefix: string,
  delimiter: string,
  after: string,
  maxKeys: number,
  now: number,
): { entries: Entry[]; truncated: boolean } {
  const entries: Entry[] = [];
  if (maxKeys === 0) return { entries, truncated: false };
  for (const entry of walk(store, '', prefix, delimiter, after, now)) {
    if (entries.length === maxKeys) return { entries, truncated: true };
    entries.push(entry);
  }
  return { entries, truncated: false };
}

/** Objects (and with a delimiter, folders) in key order, of the folder `at`. Whole folders that cannot match are skipped. */
function* walk(
  store: ArchiveStore,
  at: string,
  prefix: string,
  delimiter: string,
  after: string,
  now: number,
): Generator<Entry> {
  for (const child of children(store, at, now)) {
    const name = at + child;
    const folder = child.endsWith('/');
    const inside = name.startsWith(prefix);
    if (!inside && !(folder && prefix.startsWith(name))) continue;
    if (name <= after && !(folder && after.startsWith(name))) continue;
    if (!folder) {
      const object = store.find(name, now);
      if (object) yield { name, object };
    } else if (inside && delimiter && name.indexOf('/', prefix.length) === name.length - 1) {
      // A marker inside the folder, or the folder itself, means that it was listed before.
      if (!after.startsWith(name) && hasObject(store, name, now)) yield { name };
    } else yield* walk(store, name, prefix, delimiter, after, now);
  }
}

function hasObject(store: ArchiveStore, folder: string, now: number): boolean {
  return !walk(store, folder, folder, '', '', now).next().done;
}

/** Names in a folder, sorted as keys; folders end with a slash. Some files may not exist (yet). */
function children(store: ArchiveStore, at: string, now: number): string[] {
  const names = new Set(generatedChildren(store, at, now));
  for (const key of store.dataRoot.files.keys()) {
    if (!key.startsWith(at)) continue;
    const slash = key.indexOf('/', at.length);
    names.add(slash < 0 ? key.slice(at.length) : key.slice(at.length, slash + 1));
    if (slash < 0 && !key.endsWith('.CHECKSUM')) names.add(`${key.slice(at.length)}.CHECKSUM`);
  }
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}

function generatedChildren(store: ArchiveStore, at: string, now: number): string[] {
  if (at === '') return ['data/'];
  if (at === 'data/') return ['futures/', 'spot/'];
  if (at === 'data/futures/') return ['cm/', 'um/'];
  const market = MARKETS.find((each) => at.startsWith(ARCHIVE_ROOTS[each]));
  if (!market) return [];
  const [tier, kind, symbol, interval, ...deeper] = at.slice(ARCHIVE_ROOTS[market].length).split('/').slice(0, -1);
  if (tier === undefined) return ['daily/', 'monthly/'];
  if (tier !== 'daily' && tier !== 'monthly') return [];
  if (kind === undefined) return ['aggTrades/', 'klines/'];
  if (kind !== 'klines' && kind !== 'aggTrades') return [];
  if (symbol === undefined) return store.symbols(market).map((each) => `${each}/`);
  const life = store.life(market, symbol);
  if (!life || deeper.length > 0) return [];
  if (kind === 'aggTrades') return interval === undefined ? fileNames(life, tier, `${symbol}-aggTrades`, now) : [];
  if (interval === undefined) return archiveIntervals(market, tier).map((each) => `${archiveInterval(each)}/`);
  return fileNames(life, tier, `${symbol}-${interval}`, now);
}

function fileNames(life: Range, tier: ArchiveTier, stem: string, now: number): string[] {
  const names: string[] = [];
  const end = Math.min(life.to, now);
  const start = new Date(life.from);
  let from =
    tier === 'daily'
      ? Math.floor(life.from / DAY_MS) * DAY_MS
      : Date.UTC(start.getUTCFullYear(), start.getUTCMonth() - 1, 1);
  while (from < end) {
    const date = new Date(from).toISOString().slice(0, tier === 'daily' ? 10 : 7);
    names.push(`${stem}-${date}.zip`, `${stem}-${date}.zip.CHECKSUM`);
    const at = new Date(from);
    from = tier === 'daily' ? from + DAY_MS : Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
  }
  return names;
}
