/** One metric of an exposition. */
export interface Family {
  help: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const SUFFIXES: Record<Family['type'], readonly string[]> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format 0.0.4, and throws on what a server would refuse or misread: a sample without its HELP and TYPE,
 * one twice, a broken label or number, a missing last newline, buckets that fall or do not end at the count.
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let open: { name: string; family: Family } | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line);
    if (comment) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      if (kind === 'HELP') helps.set(name, rest);
      else {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        if (!helps.has(name)) throw new Error(`${name} has no HELP`);
        if (!(rest in SUFFIXES)) throw new Error(`${name} has the unknown type ${rest}`);
        open = { name, family: { help: helps.get(name)!, type: rest as Family['type'], samples: [] } };
        families.set(name, open.family);
      }
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (!sample) throw new Error(`no sample: ${line}`);
    const [, name = '', labels = '', number = ''] = sample;
    if (!open || !SUFFIXES[open.family.type].some((suffix) => name === open!.name + suffix))
      throw new Error(`${name} stands outside of its metric`);
    if (!/^(NaN|[+-]Inf|[+-]?\d+(\.\d+)?(e[+-]?\d+)?)$/i.test(number)) throw new Error(`no number: ${line}`);
    const read = readLabels(labels);
    const identity = `${name}${JSON.stringify(Object.entries(read).sort())}`;
    if (seen.has(identity)) throw new Error(`twice: ${line}`);
    seen.add(identity);
    open.family.samples.push({ name, labels: read, value: Number(number.replace('Inf', 'Infinity')) });
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkBuckets(name, family);
  return families;
}

/** Value of one sample with exactly these labels; undefined when there is none. */
export function sampleOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return [...families.values()]
    .flatMap(({ samples }) => samples)
    .find((each) => each.name === name && JSON.stringify(Object.entries(each.labels).sort()) === wanted)?.value;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const at = LABEL.lastIndex;
    const match = LABEL.exec(text);
    if (!match) throw new Error(`broken labels at ${at}: ${text}`);
    const [, name = '', value = ''] = match;
    if (name in labels) throw new Error(`label ${name} comes twice: ${text}`);
    labels[name] = value.replace(/\\(["\\n])/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}

function checkBuckets(name: string, { samples }: Family): void {
  const groups = new Map<string, { le: number; value: number }[]>();
  const counts = new Map<string, number>();
  for (const { name: full, labels, value } of samples) {
    const { le, ...others } = labels;
    const group = JSON.stringify(Object.entries(others).sort());
    if (full === `${name}_bucket`)
      groups.set(group, [...(groups.get(group) ?? []), { le: Number(le!.replace('Inf', 'Infinity')), value }]);
    else if (full === `${name}_count`) counts.set(group, value);
  }
  for (const [group, buckets] of groups) {
    buckets.forEach((bucket, index) => {
      const before = buckets[index - 1];
      if (before && (bucket.le <= before.le || bucket.value < before.value))
        throw new Error(`buckets of ${name}${group} fall`);
    });
    const last = buckets[buckets.length - 1]!;
    if (last.le !== Number.POSITIVE_INFINITY || last.value !== counts.get(group))
      throw new Error(`buckets of ${name}${group} do not end at the count`);
  }
}
