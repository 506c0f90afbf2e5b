// The command: nginx's options, and the processes that it starts itself (see process/handoff.ts).
// What each way needs is imported when it is taken: a worker has no use for the command line, -v for no configuration.

import { takeRole } from '../process/handoff.ts';

async function main(): Promise<void> {
  const role = takeRole();
  if (role?.kind === 'worker') {
    const { runWorker } = await import('../process/worker.ts');
    await runWorker(role);
  } else if (role?.kind === 'master') {
    const { startDaemon } = await import('../process/start.ts');
    await startDaemon();
  } else {
    const { runCommand } = await import('./command.ts');
    const code = await runCommand(process.argv.slice(2));
    if (code !== null) process.exit(code);
  }
}

// Until a process has its own handler, the signal to reopen logs must not start Node's debugger.
process.on('SIGUSR1', () => {});

void main();
