import type { FlowStep } from './flow-trace';

const WIDTH = 1000;
const BAND = 90;
const LEFT = 130;
const GAP = 24;

interface Band {
  name: string;
  of: (step: FlowStep) => number;
  most: number;
  unit: string;
}

/** The trace as bands over one axis of time, an SVG file. */
export function pictureOf(steps: readonly FlowStep[], title: string): string {
  const highest = (of: (step: FlowStep) => number) => Math.max(1, ...steps.map(of));
  const bands: Band[] = [
    { name: 'downloads', of: (step) => step.downloads, most: highest((step) => step.downloads), unit: '' },
    { name: 'MB held', of: (step) => step.heldMB, most: highest((step) => step.heldMB), unit: ' MB' },
    { name: 'reading files', of: (step) => step.ingestBusy * 100, most: 100, unit: ' %' },
    { name: 'writing', of: (step) => step.writeBusy * 100, most: 100, unit: ' %' },
    {
      name: 'rows proven',
      of: (step) => step.rowsPerSecond / 1000,
      most: highest((step) => step.rowsPerSecond / 1000),
      unit: ' k/s',
    },
  ];
  const from = (steps[0]?.at ?? 0) - (steps[0]?.ms ?? 0);
  const to = steps.at(-1)?.at ?? 1;
  const x = (at: number) => (LEFT + ((at - from) / (to - from)) * WIDTH).toFixed(1);
  const height = bands.length * (BAND + GAP) + 60;
  const parts = bands.map((band, index) => {
    const top = 40 + index * (BAND + GAP);
    const bars = steps.map((step) => {
      const size = (Math.min(band.of(step), band.most) / band.most) * BAND;
      const [left, right] = [Number(x(step.at - step.ms)), Number(x(step.at))];
      return `<rect x="${left}" y="${(top + BAND - size).toFixed(1)}" width="${(right - left).toFixed(1)}" height="${size.toFixed(1)}"/>`;
    });
    return (
      `<text x="${LEFT - 10}" y="${top + 14}" text-anchor="end">${band.name}</text>` +
      `<text x="${LEFT - 10}" y="${top + 32}" text-anchor="end" fill="#667">to ${band.most.toFixed(0)}${band.unit}</text>` +
      `<g fill="#3b6ea5">${bars.join('')}</g><path d="M${LEFT} ${top + BAND}h${WIDTH}" stroke="#99a"/>`
    );
  });
  const foot = `<text x="${LEFT}" y="${height - 6}">0 s</text><text x="${LEFT + WIDTH}" y="${height - 6}" text-anchor="end">${((to - from) / 1000).toFixed(1)} s</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 20}" height="${height}" font-family="sans-serif" font-size="13">` +
    `<rect width="100%" height="100%" fill="#fff"/><text x="${LEFT}" y="22">${title}</text>${parts.join('')}${foot}</svg>\n`
  );
}
