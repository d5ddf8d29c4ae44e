import { Readable } from 'node:stream';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { AppError } from '@shared/contract';
import { type Entry, fromBufferPromise } from 'yauzl';

const STORED = 0;
const DEFLATED = 8;

interface MemberRequest {
  file: string;
  member: string;
  maxBytes: number;
}

interface OnlyMember {
  entry: Entry;
  packed: Buffer;
  bad: (reason: string, cause?: unknown) => AppError;
}

/**
 * Bytes of the one member that a zip must have, by exactly this name. Throws `archive.bad_zip` for a zip that is damaged,
 * holds another or a further member, or unpacks to more than it claims or than `maxBytes`.
 */
export async function readOnlyMember(zip: Uint8Array, request: MemberRequest): Promise<Uint8Array> {
  const { entry, packed, bad } = await findOnlyMember(zip, request);
  const content = unpack(packed, entry, bad);
  if (content.length !== entry.uncompressedSize) throw bad(otherSize(content.length, entry));
  return content;
}

/**
 * The same member in chunks of about `chunkBytes`, so that it never lies in memory as a whole. `chunks` may be called again; it
 * throws as `readOnlyMember` does, for a wrong size in the middle or at the end.
 */
export async function openOnlyMember(
  zip: Uint8Array,
  { chunkBytes, ...request }: MemberRequest & { chunkBytes: number },
): Promise<{ bytes: number; chunks(): AsyncGenerator<Uint8Array> }> {
  const { entry, packed, bad } = await findOnlyMember(zip, request);
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of unpackInChunks(packed, entry, chunkBytes, bad)) {
      size += chunk.length;
      if (size > entry.uncompressedSize) throw bad(otherSize(`more than ${entry.uncompressedSize}`, entry));
      yield chunk;
    }
    if (size !== entry.uncompressedSize) throw bad(otherSize(size, entry));
  };
  return { bytes: entry.uncompressedSize, chunks };
}

async function findOnlyMember(zip: Uint8Array, { file, member, maxBytes }: MemberRequest): Promise<OnlyMember> {
  const bad = (reason: string, cause?: unknown) =>
    new AppError(
      'archive.bad_zip',
      `${file} ${reason}. It is not used; fetch it again later, or through REST.`,
      { file, reason },
      { cause },
    );
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  let entry: Entry | null = null;
  let start = 0;
  try {
    const opened = await fromBufferPromise(bytes);
    if (opened.entryCount !== 1) throw bad(`holds ${opened.entryCount} members instead of one`);
    for await (const each of opened.eachEntry()) {
      entry = each;
      start = (await opened.readLocalFileHeaderPromise(each, { minimal: true })).fileDataStart;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw bad(`is no readable zip (${reasonOf(error)})`, error);
  }
  if (entry === null) throw bad('holds no member');
  if (entry.fileName !== member) throw bad(`holds ${entry.fileName} instead of ${member}`);
  if (entry.isEncrypted()) throw bad('is encrypted');
  if (entry.uncompressedSize > maxBytes) {
    throw bad(`claims ${entry.uncompressedSize} bytes of CSV, more than its period can have`);
  }
  return { entry, packed: bytes.subarray(start, start + entry.compressedSize), bad };
}

function otherSize(bytes: number | string, entry: Entry): string {
  return `unpacks to ${bytes} bytes, not to the ${entry.uncompressedSize} it claims`;
}

async function* unpackInChunks(
  packed: Buffer,
  entry: Entry,
  chunkBytes: number,
  bad: OnlyMember['bad'],
): AsyncGenerator<Uint8Array> {
  if (entry.compressionMethod === STORED) {
    for (let at = 0; at < packed.length; at += chunkBytes) yield packed.subarray(at, at + chunkBytes);
    return;
  }
  if (entry.compressionMethod !== DEFLATED) throw bad(`uses the unknown compression method ${entry.compressionMethod}`);
  const inflate = createInflateRaw({ chunkSize: Math.max(64, chunkBytes) });
  try {
    yield* Readable.from([packed]).pipe(inflate) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw bad(`cannot be unpacked (${reasonOf(error)})`, error);
  }
}

function unpack(packed: Buffer, entry: Entry, bad: (reason: string, cause?: unknown) => AppError): Uint8Array {
  if (entry.compressionMethod === STORED) return packed;
  if (entry.compressionMethod !== DEFLATED) throw bad(`uses the unknown compression method ${entry.compressionMethod}`);
  try {
    // One chunk of the claimed size: by default zlib joins chunks of 16 KB, which costs a fifth of the time.
    const size = Math.max(64, entry.uncompressedSize);
    return inflateRawSync(packed, { chunkSize: size, maxOutputLength: size });
  } catch (error) {
    throw bad(`cannot be unpacked (${reasonOf(error)})`, error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
