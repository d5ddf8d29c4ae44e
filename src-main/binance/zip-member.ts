import { inflateRawSync } from 'node:zlib';
import { AppError } from '@shared/contract';
import { type Entry, fromBufferPromise } from 'yauzl';

const STORED = 0;
const DEFLATED = 8;

/**
 * Bytes of the one member that a zip must have, by exactly this name. Throws `archive.bad_zip` for a zip that is damaged,
 * holds another or a further member, or unpacks to more than it claims or than `maxBytes`.
 */
export async function readOnlyMember(
  zip: Uint8Array,
  options: { file: string; member: string; maxBytes: number },
): Promise<Uint8Array> {
  const { file, member, maxBytes } = options;
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
  const packed = bytes.subarray(start, start + entry.compressedSize);
  const content = unpack(packed, entry, bad);
  if (content.length !== entry.uncompressedSize) {
    throw bad(`unpacks to ${content.length} bytes, not to the ${entry.uncompressedSize} it claims`);
  }
  return content;
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
