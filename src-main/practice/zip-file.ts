import { once } from 'node:events';
import { constants, crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';

/** The files come from a generator that outruns any higher level; the sizes are near the real ones all the same. */
const LEVEL = constants.Z_BEST_SPEED;
/** Up to here the member is deflated in one go, which is faster; beyond it streams through, so that memory stays small. */
const AT_ONCE_BYTES = 16 << 20;

/** A zip with one deflated member. The same chunks and time give the same bytes. */
export async function zipFile(name: string, modifiedAt: number, chunks: Iterable<Buffer>): Promise<Buffer> {
  const { deflated, size, crc } = await deflateMember(chunks);
  if (deflated.length > 0xffffffff || size > 0xffffffff) throw new RangeError(`${name} is too large for a plain zip.`);
  const stem = Buffer.from(name, 'latin1');
  const { date, time } = dosTime(modifiedAt);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(time, 10);
  local.writeUInt16LE(date, 12);
  local.writeUInt32LE(crc, 14);
  local.writeUInt32LE(deflated.length, 18);
  local.writeUInt32LE(size, 22);
  local.writeUInt16LE(stem.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(0x031e, 4);
  local.copy(central, 6, 4, 30);
  central.writeUInt16LE(0o100644, 40);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + stem.length, 12);
  end.writeUInt32LE(local.length + stem.length + deflated.length, 16);
  return Buffer.concat([local, stem, deflated, central, stem, end]);
}

/** Makes a zip of `zipFile` say that its member has `size` bytes, whatever it has. */
export function claimSize(zip: Buffer, size: number): void {
  const central = zip.readUInt32LE(zip.length - 6);
  zip.writeUInt32LE(size, 22);
  zip.writeUInt32LE(size, central + 24);
}

async function deflateMember(chunks: Iterable<Buffer>): Promise<{ deflated: Buffer; size: number; crc: number }> {
  const waiting: Buffer[] = [];
  const parts: Buffer[] = [];
  let stream: ReturnType<typeof createDeflateRaw> | null = null;
  let size = 0;
  let crc = 0;
  for (const chunk of chunks) {
    size += chunk.length;
    // Some Node 20 releases return the running value signed.
    crc = crc32(chunk, crc) >>> 0;
    if (!stream) {
      waiting.push(chunk);
      if (size <= AT_ONCE_BYTES) continue;
      stream = createDeflateRaw({ level: LEVEL });
      stream.on('data', (part: Buffer) => parts.push(part));
      for (const early of waiting) await feed(stream, early);
    } else await feed(stream, chunk);
  }
  if (!stream) return { deflated: deflateRawSync(Buffer.concat(waiting), { level: LEVEL }), size, crc };
  stream.end();
  await once(stream, 'end');
  return { deflated: Buffer.concat(parts), size, crc };
}

async function feed(stream: ReturnType<typeof createDeflateRaw>, chunk: Buffer): Promise<void> {
  if (!stream.write(chunk)) await once(stream, 'drain');
}

function dosTime(ms: number): { date: number; time: number } {
  const at = new Date(ms);
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  };
}
