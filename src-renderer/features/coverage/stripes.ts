const TILE = 12;
const made = new Map<string, CanvasPattern>();

/** Slanted two-coloured stripes at `phase` CSS pixels, for a context scaled by `ratio`: work in progress. */
export function stripes(
  context: CanvasRenderingContext2D,
  dark: string,
  light: string,
  ratio: number,
  phase: number,
): CanvasPattern | string {
  const name = `${dark} ${light} ${ratio}`;
  let pattern = made.get(name);
  if (!pattern) {
    const side = Math.round(TILE * ratio);
    const tile = new OffscreenCanvas(side, side);
    const pen = tile.getContext('2d');
    if (!pen) return light;
    pen.scale(side / TILE, side / TILE);
    pen.fillStyle = dark;
    pen.fillRect(0, 0, TILE, TILE);
    pen.strokeStyle = light;
    pen.lineWidth = 3.6;
    pen.beginPath();
    for (const offset of [-TILE, 0, TILE]) {
      pen.moveTo(offset - 2, TILE + 2);
      pen.lineTo(offset + TILE + 2, -2);
    }
    pen.stroke();
    const fresh = context.createPattern(tile, 'repeat');
    if (!fresh) return light;
    pattern = fresh;
    made.set(name, pattern);
  }
  pattern.setTransform(new DOMMatrix().translate(phase % TILE, 0).scale(1 / ratio));
  return pattern;
}
