import { createHash } from 'node:crypto';
import { AppError, type OutageEntry, type OutageList } from '@shared/contract';
import { INTERVALS, MARKETS } from '@shared/market';
import { z } from 'zod';

const FORMAT = 'tapemend-outages';
const VERSION = 1;
const time = z.number().int().min(0).max(8.64e15);
const symbols = z.array(z.string().max(40)).max(100);

const entrySchema = z
  .object({
    id: z.string().regex(/^[0-9a-z-]{1,40}$/),
    origin: z.enum(['shipped', 'own']),
    market: z.enum(MARKETS),
    from: time,
    to: time,
    sources: z.number().int().min(0),
    remark: z.string().max(1_000).nullable(),
    evidence: z
      .object({
        interval: z.enum(INTERVALS),
        asked: z.number().int().min(0),
        lacking: z.number().int().min(0),
        lackingSymbols: symbols,
        havingSymbols: symbols,
        flatsBefore: z.number().int().min(0),
      })
      .nullable(),
  })
  .refine(({ from, to }) => from < to);

const fileSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  catalogue: z.string(),
  entries: z.array(entrySchema).max(100_000),
  /** Of the values of the entries, see `hashOf`. */
  sha256: z.string(),
});

/** The catalogue as a JSON document, whole, with its version and the hash of its entries. */
export function outagesText({ version: catalogue, entries }: OutageList): string {
  const document = { format: FORMAT, version: VERSION, catalogue, entries, sha256: hashOf(entries) };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The entries of such a document, in order; throws `usage.bad_outage_file`. `file` names it in the sentence. */
export function readOutagesText(text: string, file: string): OutageEntry[] {
  const refuse = (why: string): AppError =>
    new AppError('usage.bad_outage_file', `${file} ${why}; export it anew with tapemend outages export FILE.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('is no JSON');
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') || 'the document';
    throw refuse(`is no outage catalogue that this version can read (${where} is wrong)`);
  }
  const { entries, sha256 } = parsed.data;
  if (hashOf(entries) !== sha256)
    throw refuse('was changed since it was exported: its entries do not have its SHA-256');
  return entries;
}

function hashOf(entries: readonly OutageEntry[]): string {
  return createHash('sha256')
    .update(JSON.stringify(entries.map(inOrder)))
    .digest('hex');
}

/** Fields in one order, whoever wrote them. */
function inOrder({ id, origin, market, from, to, sources, remark, evidence }: OutageEntry): unknown {
  return [
    id,
    origin,
    market,
    from,
    to,
    sources,
    remark,
    evidence && [
      evidence.interval,
      evidence.asked,
      evidence.lacking,
      evidence.lackingSymbols,
      evidence.havingSymbols,
      evidence.flatsBefore,
    ],
  ];
}
