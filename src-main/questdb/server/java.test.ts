import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findJava, parseJavaMajor } from './java';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-java-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says it is this Java. */
function java(place: string, version: string | null): string {
  const path = join(folder, place);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    version === null ? '#!/bin/sh\nexit 1\n' : `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

it.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_402"', 8],
  ['openjdk version "25" 2025-09-16', 25],
  ['The operation couldn’t be completed. Unable to locate a Java Runtime.', null],
])('would misread %s', (text, major) => {
  expect(parseJavaMajor(text)).toBe(major);
});

describe.skipIf(process.platform === 'win32')('findJava', () => {
  it('would stop at one that is too old, or prefer PATH to JAVA_HOME', async () => {
    const old = java('home/bin/java', '11.0.2');
    const good = java('path/java', '21.0.1');
    const env = { JAVA_HOME: join(folder, 'home'), PATH: `${join(folder, 'none')}:${join(folder, 'path')}` };
    expect(await findJava({ env })).toEqual({ path: good, major: 21 });
    const bundled = java('bundled/java', '17.0.1');
    expect(await findJava({ env, bundled })).toEqual({ path: bundled, major: 17 });
    expect(
      await findJava({ env: { ...env, JAVA_HOME: join(folder, 'path/..'), PATH: dirname(old) }, bundled }),
    ).toMatchObject({ major: 17 });
  });

  it('would not say what is wrong', async () => {
    const old = java('old/java', '11.0.2');
    const broken = java('broken/java', null);
    await expect(findJava({ env: { PATH: '' } })).rejects.toMatchObject({ code: 'runtime.java_missing' });
    await expect(findJava({ env: { PATH: dirname(broken) } })).rejects.toThrow(/Install one/);
    await expect(findJava({ env: { PATH: dirname(old) } })).rejects.toThrow(`${old} is Java 11`);
    await expect(findJava({ setting: old })).rejects.toMatchObject({ code: 'runtime.java_too_old' });
    await expect(findJava({ setting: broken })).rejects.toThrow(/no Java that runs/);
  });
});
