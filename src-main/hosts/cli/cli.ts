import { main } from './main';

// Entry of the command line. Output is flushed before the process ends, also into a pipe that reads slowly.
const code = await main(process.argv.slice(2));
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
