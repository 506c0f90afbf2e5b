/**
 * What Node needs to run isolates, as arguments: a Node without its snapshot (random crashes otherwise), which starts
 * 30 ms later; one that does not replace code on the stack (a loop that allocates, replaced while it runs, hears of
 * neither time nor memory limits); and room for young objects, in MB: isolated-vm gives an isolate of 128 MB one, so that
 * blocks that work on 20 KB of JSON spent a third of their time in collections.
 */
export const WORKER_FLAGS: readonly string[] = [
  '--no-node-snapshot',
  '--no-use-osr',
  '--max-semi-space-size=8',
];
