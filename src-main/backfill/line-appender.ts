import { open } from 'node:fs/promises';

interface Group {
  texts: string[];
  durable: boolean;
  done: Promise<void>;
}

interface Tail {
  /** Settles when everything before the waiting group is written; never rejects. */
  before: Promise<void>;
  waiting: Group | null;
}

/**
 * Appends texts to files, in the order given. What comes while a file is being written goes together in its next write, so that
 * many small lines cost few openings, and a lone one does not wait.
 */
export class LineAppender {
  readonly #tails = new Map<string, Tail>();

  /** Resolves when the text is in the file, and on the disk with `durable`. Rejects with the error of the file system. */
  append(path: string, text: string, durable: boolean): Promise<void> {
    const tail = this.#tails.get(path) ?? { before: Promise.resolve(), waiting: null };
    this.#tails.set(path, tail);
    const group = tail.waiting ?? this.#begin(path, tail);
    group.texts.push(text);
    group.durable ||= durable;
    return group.done;
  }

  #begin(path: string, tail: Tail): Group {
    const group: Group = { texts: [], durable: false, done: Promise.resolve() };
    group.done = tail.before.then(() => {
      tail.waiting = null;
      return write(path, group);
    });
    tail.waiting = group;
    tail.before = group.done
      .catch(() => undefined)
      .then(() => {
        if (tail.waiting === null && this.#tails.get(path) === tail) this.#tails.delete(path);
      });
    return group;
  }
}

async function write(path: string, { texts, durable }: Group): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.appendFile(texts.join(''));
    if (durable) await file.datasync();
  } finally {
    await file.close();
  }
}
