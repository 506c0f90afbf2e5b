/**
 * What Node needs to run isolates, as arguments: a Node without its snapshot (random crashes otherwise), which starts
 * 30 ms later; one that does not replace code on the stack (a loop that allocates, replaced while it runs, hears of
 * neither time nor memory limits); one that looks sooner whether code is worth optimising, since only then does a loop
 * hear of its limit (V8 waits for 3000 rounds, which are seconds where each calls a built-in that takes a millisecond);
 * and room for young objects, in MB: isolated-vm gives an isolate of 128 MB one, so that blocks that work on 20 KB of
 * JSON spent a third of their time in collections.
 */
export const WORKER_FLAGS: readonly string[] = [
  '--no-node-snapshot',
  '--no-use-osr',
  '--invocation-count-for-turbofan=300',
  '--max-semi-space-size=8',
];
