// Finds what a test file left behind. A daemonised server leaves its session and its process group, so every
// process is asked whether anything about it names the test's own temporary directory.

import fs from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

// Kills all that belongs to the session or the directory, with what those started; returns how many there were.
export function killLeftovers(session: number, directory: string): number {
  const all = list();
  const doomed = new Set<number>();
  for (const p of all) if (p.session === session || names(p.pid, directory)) doomed.add(p.pid);
  let before = -1;
  while (before !== doomed.size) {
    before = doomed.size;
    for (const p of all) if (doomed.has(p.parent)) doomed.add(p.pid);
  }
  doomed.delete(process.pid);
  let killed = 0;
  for (const pid of doomed) if (kill(pid)) killed++;
  return killed;
}

function list(): Process[] {
  const found: Process[] = [];
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    // The command may hold spaces and parentheses: the fields start after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.length < 4 || fields[0] === 'Z') continue;
    found.push({ pid: Number(name), parent: Number(fields[1]), session: Number(fields[3]) });
  }
  return found;
}

function names(pid: number, directory: string): boolean {
  if (read(`/proc/${pid}/cmdline`).includes(directory)) return true;
  if (read(`/proc/${pid}/environ`).includes(directory)) return true;
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(directory);
  } catch {
    return false; // gone, or another user's
  }
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return ''; // gone meanwhile, or another user's
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // gone meanwhile
  }
}
