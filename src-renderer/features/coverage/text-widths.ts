/** Texts that are kept of a font. */
const KEPT = 1_000;

/** Widths of texts in CSS pixels. Measuring makes a large object of the browser's, so that each text is measured once. */
export class TextWidths {
  readonly #fonts = new Map<string, Map<string, number>>();

  /** Leaves the context with the font. */
  of(context: CanvasRenderingContext2D, font: string, text: string): number {
    context.font = font;
    let widths = this.#fonts.get(font);
    if (!widths || widths.size >= KEPT) {
      widths = new Map();
      this.#fonts.set(font, widths);
    }
    let width = widths.get(text);
    if (width === undefined) {
      width = context.measureText(text).width;
      widths.set(text, width);
    }
    return width;
  }

  /** For a font that has been loaded since. */
  forget(): void {
    this.#fonts.clear();
  }
}
