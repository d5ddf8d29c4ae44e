import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

export interface FixtureMember {
  name: string;
  content: string | Uint8Array;
  /** What the headers claim instead of the real size. */
  claimedSize?: number;
  stored?: boolean;
}

/** Makes zips for tests, also ones that lie. Checksums of members are left 0: the archive's SHA-256 is what counts. */
export function zipOf(...members: FixtureMember[]): Uint8Array {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const content = Buffer.from(member.content);
    const packed = member.stored ? content : deflateRawSync(content);
    const name = Buffer.from(member.name);
    // Version, flags, method, time, date, checksum, packed size, size, name length, extra length.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(member.stored ? 0 : 8, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(member.claimedSize ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals, directory, end]));
}

export function checksumOf(zip: Uint8Array, file: string): string {
  return `${createHash('sha256').update(zip).digest('hex')}  ${file}`;
}
