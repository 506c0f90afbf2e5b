// A CPU profile of the scripts of a worker: V8's profiler in each isolate, and what it has seen in terms of the user's files.

import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { toText } from '../../core/text.ts';
import type { Keeper } from './keeper.ts';

/** As in a .cpuprofile: lines and columns count from 0, times are in microseconds. */
export interface CpuProfile {
  nodes: ProfileNode[];
  startTime: number;
  endTime: number;
  samples: number[];
  timeDeltas: number[];
}

export interface ProfileNode {
  id: number;
  callFrame: {
    functionName: string;
    scriptId: string;
    url: string;
    lineNumber: number;
    columnNumber: number;
  };
  hitCount?: number;
  children?: number[];
}

/** What an isolate did, or why that is not known. */
export interface IsolateProfile {
  readonly isolate: string;
  readonly profile: CpuProfile | null;
  readonly fault: string;
}

export const SAMPLING_US = 500;

export async function profileIsolate(keeper: Keeper, milliseconds: number): Promise<IsolateProfile> {
  const isolate = keeper.name;
  const failed = (fault: string): IsolateProfile => ({ isolate, profile: null, fault });
  const waiting = new Map<number, (answer: Answer) => void>();
  let ended: () => void = () => {};
  const end = new Promise<null>((done) => {
    ended = () => done(null);
  });
  const session = await keeper.attach(
    (message) => {
      const answer = JSON.parse(message) as Answer;
      waiting.get(answer.id)?.(answer);
    },
    () => ended(),
  );
  if (session === null) return failed('a debugger or another profiler is attached to it');
  let id = 0;
  const ask = async (method: string, params: object = {}): Promise<Answer | null> => {
    const own = ++id;
    const answer = new Promise<Answer>((done) => waiting.set(own, done));
    session.send(JSON.stringify({ id: own, method, params }));
    return await Promise.race([answer, end]);
  };
  await ask('Profiler.enable');
  // Code that is optimized already does not know which functions were inlined into it: it is thrown away, as counting
  // calls would need it, and made anew with what a profiler needs.
  setFlagsFromString('--detailed-line-info');
  await ask('Profiler.startPreciseCoverage', { callCount: true });
  await ask('Profiler.stopPreciseCoverage');
  await ask('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await ask('Profiler.start');
  await Promise.race([new Promise((done) => setTimeout(done, milliseconds)), end]);
  const answer = await ask('Profiler.stop');
  setFlagsFromString('--no-detailed-line-info');
  session.close();
  const profile = answer?.result?.profile;
  if (profile === undefined) return failed(answer?.error?.message ?? 'it has ended meanwhile');
  for (const node of profile.nodes) translate(node, keeper);
  return { isolate, profile, fault: '' };
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly profile?: CpuProfile };
  readonly error?: { readonly message: string };
}

/** From the program that runs to the files that were written. */
function translate(node: ProfileNode, keeper: Keeper): void {
  const { callFrame } = node;
  delete (node as { positionTicks?: unknown }).positionTicks; // they count lines of the program
  if (!callFrame.url.startsWith('tsresty:')) return;
  const frame = keeper.frame(callFrame.url, callFrame.lineNumber + 1, callFrame.columnNumber + 1);
  if (frame === null) {
    callFrame.url = 'tsresty';
    return;
  }
  const isBlock = frame.block !== -1 && /^$|default$/.test(callFrame.functionName);
  if (isBlock) callFrame.functionName = toText(keeper.blockName(frame.block));
  else if (/default$/.test(callFrame.functionName)) callFrame.functionName = 'default';
  callFrame.url = pathToFileURL(toText(frame.file)).href;
  callFrame.lineNumber = frame.line - 1;
  callFrame.columnNumber = frame.column - 1;
}
