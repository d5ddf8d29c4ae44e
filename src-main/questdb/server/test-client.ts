import { openTestServer } from '../testing';

/** A Tapemend of its own for tests: starts or joins the server of a workspace, tells its address, leaves on end of input. */
const server = openTestServer(process.argv[2]!);
const address = await server.start();
process.stdout.write(`${JSON.stringify(address)}\n`);
process.stdin.resume();
process.stdin.once('end', () => {
  void server.stop().then(() => process.exit(0));
});
