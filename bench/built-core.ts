import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureBuild } from '../build/lib/ensure-build.mjs';

export interface CommandRun {
  /** The one JSON document of its standard output. */
  document: unknown;
  /** From the start of the process to its end. */
  wallMs: number;
  peakBytes: number;
  /** Processor time of all its threads. */
  cpuMs: number;
}

/** The command line as it is built for shipping, copied, so that a build meanwhile does not pull it away. */
export class BuiltCore {
  private constructor(private readonly folder: string) {}

  static async provide(scratch: string): Promise<BuiltCore> {
    await ensureBuild();
    const folder = mkdtempSync(join(scratch, 'core-'));
    cpSync(resolve(import.meta.dirname, '../out/main'), folder, { recursive: true });
    cpSync(resolve(import.meta.dirname, '../package.json'), join(folder, 'package.json'));
    return new BuiltCore(folder);
  }

  /** Runs a command in a workspace of its own, with `env` as its only settings. Throws when it fails. */
  async run(
    args: readonly string[],
    env: Record<string, string>,
    nodeOptions: readonly string[] = [],
  ): Promise<CommandRun> {
    const workspace = mkdtempSync(join(this.folder, 'workspace-'));
    const report = join(workspace, 'bench-report.json');
    const started = performance.now();
    const child = spawn(
      process.execPath,
      [
        ...nodeOptions,
        '--import',
        resolve(import.meta.dirname, 'process-report.mjs'),
        join(this.folder, 'cli.js'),
        ...args,
        '--json',
        '--workspace',
        workspace,
      ],
      { env: { PATH: process.env.PATH, ...env, BENCH_REPORT: report }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
    const wallMs = performance.now() - started;
    const text = Buffer.concat(parts).toString('utf8');
    if (code !== 0) throw new Error(`tapemend ${args.join(' ')} ended with ${code}: ${text.slice(0, 2000)}`);
    const used = JSON.parse(readFileSync(report, 'utf8')) as { peakBytes: number; cpuMs: number };
    rmSync(workspace, { recursive: true, force: true });
    return { document: JSON.parse(text) as unknown, wallMs, ...used };
  }
}
