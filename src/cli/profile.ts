// `tsresty profile`: asks a running master what the scripts of its workers do, and writes that down twice: for tools, as a
// .cpuprofile, and for the eye, as a page with a flame graph.

import { writeFileSync } from 'node:fs';
import { errorText } from '../core/errno.ts';
import { writeStderr } from '../core/log.ts';
import { loadCycle, openFirstLog, type StartOptions } from '../process/configuration.ts';
import { askMaster, type ControlAnswer, type WorkerProfile } from '../process/control.ts';
import { Fault } from '../process/fault.ts';
import { readPidFile } from '../process/pid_file.ts';
import { type CpuProfile, type ProfileNode, SAMPLING_US } from '../script/host/profile.ts';
import { flameGraph } from './flame_graph.ts';

/** The exit code. */
export async function profile(
  options: StartOptions,
  seconds: number,
  worker: number | null,
  output: string,
): Promise<number> {
  const cycle = await loadCycle(options, openFirstLog(options, 'notice'));
  if (cycle === null) return 1;
  const pidFile = cycle.core.pid;
  try {
    const request = { type: 'profile', milliseconds: seconds * 1000, worker } as const;
    return write(await askMaster(pidFile, readPidFile(pidFile), request), output);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return failed(error.message);
  }
}

function failed(fault: string): number {
  writeStderr(`[error] ${fault}`, 'tsresty');
  return 1;
}

function write(answer: ControlAnswer, output: string): number {
  if ('fault' in answer) return failed(answer.fault);
  for (const { worker, isolates } of answer.workers) {
    for (const { isolate, fault } of isolates) {
      if (fault !== '') writeStderr(`[warn] isolate "${isolate}" of worker ${worker}: ${fault}`, 'tsresty');
    }
  }
  const merged = merge(answer.workers);
  if (merged.nodes.length === 2) return failed('there is no isolate to profile');
  const base = output.replace(/\.(?:cpuprofile|html)$/, '');
  const files = [
    [`${base}.cpuprofile`, JSON.stringify(merged)],
    [`${base}.html`, flameGraph(merged)],
  ] as const;
  for (const [file, text] of files) {
    try {
      writeFileSync(file, text);
    } catch (error) {
      return failed(`open() "${file}" failed ${errorText(error)}`);
    }
  }
  process.stdout.write(`${base}.cpuprofile\n${base}.html\n`);
  return 0;
}

/** One profile of all: each isolate is a function that the root calls. */
export function merge(workers: readonly WorkerProfile[]): CpuProfile {
  const root = node(1, '(root)');
  const idle = node(2, '(idle)');
  root.children?.push(idle.id);
  const nodes = [root, idle];
  const samples: [time: number, id: number][] = [];
  let startTime = Number.POSITIVE_INFINITY;
  let endTime = 0;
  for (const { worker, isolates } of workers) {
    for (const { isolate, profile } of isolates) {
      if (profile === null) continue;
      const offset = nodes.length;
      const [top] = profile.nodes;
      for (const one of profile.nodes) {
        nodes.push({ ...one, id: one.id + offset, children: (one.children ?? []).map((id) => id + offset) });
      }
      const moved = nodes[offset];
      if (top === undefined || moved === undefined) continue;
      moved.callFrame = { ...moved.callFrame, functionName: `isolate ${isolate} of worker ${worker}` };
      root.children?.push(moved.id);
      let time = profile.startTime;
      let seen = time;
      for (const [i, id] of profile.samples.entries()) {
        time += profile.timeDeltas[i] ?? 0;
        // Of an isolate that is not running there are no samples, and the last one would seem to go on.
        if (time - seen > 2 * SAMPLING_US) samples.push([seen + SAMPLING_US, idle.id]);
        samples.push([time, id + offset]);
        seen = time;
      }
      startTime = Math.min(startTime, profile.startTime);
      endTime = Math.max(endTime, profile.endTime);
    }
  }
  samples.sort(([a], [b]) => a - b);
  let before = startTime;
  const timeDeltas = samples.map(([time]) => {
    const delta = time - before;
    before = time;
    return delta;
  });
  return { nodes, startTime, endTime, samples: samples.map(([, id]) => id), timeDeltas };
}

function node(id: number, functionName: string): ProfileNode {
  const callFrame = { functionName, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
  return { id, callFrame, hitCount: 0, children: [] };
}
