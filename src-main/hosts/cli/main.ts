import { resolve } from 'node:path';
import { AppError, failureOf } from '@shared/contract';
import { type Core, createCore } from '../../core';
import { VERSION } from '../version';
import type { MetricsHost } from '../web';
import { defaultWorkspace } from '../workspace-path';
import { runAdopt } from './adopt-command';
import { type CommonArguments, type ParsedCommand, parseCommandLine } from './arguments';
import { type CommandContext, runBackfill, runCoverage, runJobs, runPlan, runStatus } from './commands';
import { runArchives, runFindings, runUndo } from './curation-commands';
import { EXIT, exitCodeOf } from './exit-code';
import { runGaps } from './gaps-command';
import { GENERAL_HELP } from './help';
import { DEFAULT_METRICS_PORT, openMetrics } from './metrics';
import { runOutages } from './outages-command';
import { ProgressLine } from './progress-line';
import { runServe } from './serve';
import { runVerify } from './verify-command';

type DataCommand = Exclude<ParsedCommand, { command: 'help' | 'version' | 'serve' }>;

/** The `tapemend` command. Resolves with the exit code; prints results on stdout, everything else on stderr. */
export async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  let presses = 0;
  const onInterrupt = (): void => {
    presses++;
    // The second Ctrl+C does not wait for anything: what was stored stays.
    if (presses > 1) process.exit(EXIT.interrupted);
    interrupt.abort();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  let command: ParsedCommand;
  try {
    command = parseCommandLine(args);
  } catch (error) {
    return complain(error, args.includes('--json'));
  }
  if (command.command === 'help') {
    process.stdout.write(GENERAL_HELP);
    return EXIT.done;
  }
  if (command.command === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return EXIT.done;
  }
  return run(command, interrupt.signal);
}

async function run(
  command: Exclude<ParsedCommand, { command: 'help' | 'version' }>,
  signal: AbortSignal,
): Promise<number> {
  const { common } = command;
  const workspace = workspaceOf(common, common.practice || (command.command === 'serve' && command.demo));
  const progress = new ProgressLine(common.progress, process.stderr);
  const metricsPort = 'metricsPort' in command ? command.metricsPort : null;
  let core: Core | null = null;
  let metrics: MetricsHost | null = null;
  try {
    core = createCore({
      workspace,
      version: VERSION,
      headless: command.command !== 'serve',
      flags: {
        ...(common.practice ? { practice: true } : {}),
        ...(command.command === 'serve' && command.demo ? { demo: true } : {}),
        ...(metricsPort === null ? {} : { settings: { 'metrics.port': String(metricsPort) } }),
      },
      ...(command.command === 'serve' ? { defaultMetricsPort: DEFAULT_METRICS_PORT } : {}),
      env: process.env,
    });
    core.events.subscribe((name, data) => {
      if (name !== 'job.progressed') return;
      const job = data as Parameters<ProgressLine['update']>[0];
      // Other programs of the workspace report theirs.
      if (job.owner === 'here') progress.update(job);
    });
    await core.start();
    metrics = await openMetrics(core, (sentence) => process.stderr.write(`tapemend: ${sentence}\n`));
    if (command.command === 'serve') return await runServe(command, core, metrics?.url ?? null, signal);
    const ending = endWhenAborted(signal);
    const running = await Promise.race([core.ready(), ending]);
    if (running === null) return EXIT.interrupted;
    const context: CommandContext = { running, print: (text) => process.stdout.write(`${text}\n`), progress, signal };
    return await runCommand(command, workspace, context);
  } catch (error) {
    progress.end();
    if (signal.aborted) return EXIT.interrupted;
    return complain(error, common.json);
  } finally {
    await metrics?.close();
    await core?.stop();
  }
}

function runCommand(command: DataCommand, workspace: string, context: CommandContext): Promise<number> {
  switch (command.command) {
    case 'plan':
      return runPlan(command, context);
    case 'backfill':
      return runBackfill(command, context);
    case 'verify':
      return runVerify(command, context);
    case 'coverage':
      return runCoverage(command, context);
    case 'gaps':
      return runGaps(command, context);
    case 'outages':
      return runOutages(command, context);
    case 'status':
      return runStatus(command.common, workspace, context);
    case 'jobs':
      return runJobs(command, context);
    case 'findings':
      return runFindings(command, context);
    case 'archives':
      return runArchives(command, context);
    case 'undo':
      return runUndo(command, context);
    case 'adopt':
      return runAdopt(command, context);
  }
}

function workspaceOf(common: CommonArguments, isPractice: boolean): string {
  const chosen = common.workspace ?? process.env.TAPEMEND_WORKSPACE;
  if (chosen === '') throw new AppError('usage.command_line', '--workspace is empty; give a folder.');
  return resolve(chosen ?? defaultWorkspace(isPractice));
}

function endWhenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolveEnd) => signal.addEventListener('abort', () => resolveEnd(null), { once: true }));
}

/** One sentence on stderr, and with `--json` the failure as the one document on stdout. */
function complain(error: unknown, json: boolean): number {
  const failure = failureOf(error);
  process.stderr.write(`tapemend: ${failure.message}\n`);
  if (failure.code === 'runtime.bug' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ error: failure })}\n`);
  return exitCodeOf(error);
}
