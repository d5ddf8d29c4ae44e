/** Puts a tooltip beside the pointer. `right` is where the view ends: what the inspector says beside it stays readable. */
export function placeTooltip(element: HTMLElement, x: number, y: number, right: number): void {
  const flipX = x > right - 340;
  const flipY = y > innerHeight - 190;
  element.style.transform = `translate(${Math.round(x + (flipX ? -14 : 14))}px, ${Math.round(y + (flipY ? -12 : 16))}px) translate(${flipX ? '-100%' : '0'}, ${flipY ? '-100%' : '0'})`;
}
