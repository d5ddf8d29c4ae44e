// Preloaded into the process under test: leaves the most memory it ever had (bytes) and the processor time of all its
// threads (ms) as JSON in the file that BENCH_REPORT names.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env.BENCH_REPORT;
  if (!file) return;
  const { user, system } = process.cpuUsage();
  writeFileSync(file, JSON.stringify({ peakBytes: peakBytes(), cpuMs: (user + system) / 1000 }));
});

/** On Linux of this program alone; `maxRSS` there also counts the program that it was forked from. */
function peakBytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
