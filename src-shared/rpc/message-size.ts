export interface SizeLimits {
  /** Values (objects, entries, primitives) in one message. */
  values: number;
  /** Characters in all strings and property names, and bytes in all buffers, of one message. */
  characters: number;
  depth: number;
}

/**
 * Tells whether a received message stays within the limits. Looks at no more than the limits allow, so a hostile message
 * costs no more than a large honest one.
 */
export function isWithin(message: unknown, limits: SizeLimits): boolean {
  let values = 0;
  let characters = 0;
  const pending: { value: unknown; depth: number }[] = [{ value: message, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (++values > limits.values || depth > limits.depth) return false;
    if (typeof value === 'string') characters += value.length;
    else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) characters += value.byteLength;
    else if (Array.isArray(value)) {
      if (values + value.length > limits.values) return false;
      for (const item of value) pending.push({ value: item, depth: depth + 1 });
    } else if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value)) {
        characters += key.length;
        pending.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1 });
        if (values + pending.length > limits.values) return false;
      }
    }
    if (characters > limits.characters) return false;
  }
  return true;
}
