import { createHash } from 'node:crypto';
import { AppError } from '@shared/contract';
import { readChecksum } from './checksum-file';
import type { LineError } from './csv-bytes';
import { readOnlyMember } from './zip-member';

/** One archive file in memory, with what it has to prove. */
export interface ArchiveFile {
  zip: Uint8Array;
  /** Text of the CHECKSUM file. */
  checksum: string;
  /** Name of the zip, `BTCUSDT-1m-2020-01-01.zip`. */
  file: string;
}

export interface VerifiedArchive {
  /** Name of the one member that the zip must have. */
  member: string;
  /** Of the zip, lower-case hex. */
  sha256: string;
  /** An `archive.bad_row` that names the file and the line. */
  lineError: LineError;
}

export interface VerifiedCsv extends VerifiedArchive {
  csv: Uint8Array;
}

export interface WantedData {
  /** How the name of a file of the wanted data begins. */
  nameStart: string;
  /** The data in words, and what can be done instead. */
  what: string;
  instead: string;
}

/** Proves the zip by its SHA-256 and its name. Throws `archive.checksum_mismatch`, `archive.bad_checksum_file` or `archive.bad_zip`. */
export function verifyArchive(archive: ArchiveFile, wanted: WantedData): VerifiedArchive {
  const { zip, file } = archive;
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const expected = readChecksum(archive.checksum, file);
  if (sha256 !== expected) {
    throw new AppError(
      'archive.checksum_mismatch',
      `${file} does not match its published SHA-256 (${expected.slice(0, 12)}… published, ${sha256.slice(0, 12)}… received). It is not used; fetch it again later, or through REST.`,
      { file, expected, actual: sha256 },
    );
  }
  if (!file.startsWith(wanted.nameStart)) {
    throw new AppError('archive.bad_zip', `${file} is no archive of ${wanted.what}.`, { file });
  }
  const stem = file.replace(/\.zip$/, '');
  const lineError: LineError = (line, reason, kind = 'bad_rows') =>
    new AppError('archive.bad_row', `${stem}.csv, line ${line}: ${reason}. The file is not used; ${wanted.instead}.`, {
      file,
      line,
      reason,
      kind,
    });
  return { member: `${stem}.csv`, sha256, lineError };
}

/** Proves the zip and unpacks its one member. Throws as `verifyArchive` and `readOnlyMember` do. */
export async function readVerifiedCsv(
  archive: ArchiveFile,
  { maxBytes, ...wanted }: WantedData & { maxBytes: number },
): Promise<VerifiedCsv> {
  const verified = verifyArchive(archive, wanted);
  const { zip, file } = archive;
  const csv = await readOnlyMember(zip, { file, member: verified.member, maxBytes });
  return { ...verified, csv };
}
