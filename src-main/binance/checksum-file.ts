import { AppError } from '@shared/contract';

/** SHA-256 (lower-case hex) in a CHECKSUM file: `<64 hex>  <name>`, with or without a final newline. The name must be the file's. */
export function readChecksum(text: string, file: string): string {
  const match = /^([0-9a-fA-F]{64})[ \t]+\*?(\S+)\s*$/.exec(text);
  if (match?.[2] === file) return match[1]!.toLowerCase();
  throw new AppError(
    'archive.bad_checksum_file',
    match
      ? `The CHECKSUM file of ${file} is for another file, ${match[2]}. The archive is not used; fetch it again later, or through REST.`
      : `The CHECKSUM file of ${file} holds no SHA-256. The archive is not used; fetch it again later, or through REST.`,
    { file, text: text.slice(0, 200) },
  );
}
