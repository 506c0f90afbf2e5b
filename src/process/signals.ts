// The signals that nginx knows, with the words it logs for them, and `-s`.

import { constants } from 'node:os';
import type { CoreConf } from '../conf/core.ts';
import { errorText } from '../core/errno.ts';
import type { Log } from '../core/log.ts';
import { Fault } from './fault.ts';
import { readPidFile } from './pid_file.ts';

export type Action = 'terminate' | 'quit' | 'reconfigure' | 'reopen' | 'stop accepting' | 'change binary';

const ACTIONS: readonly (readonly [signal: NodeJS.Signals, action: Action, logged: string])[] = [
  ['SIGHUP', 'reconfigure', ', reconfiguring'],
  ['SIGUSR1', 'reopen', ', reopening logs'],
  ['SIGWINCH', 'stop accepting', ', stop accepting connections'],
  ['SIGTERM', 'terminate', ', exiting'],
  ['SIGINT', 'terminate', ', exiting'],
  ['SIGQUIT', 'quit', ', shutting down'],
  ['SIGUSR2', 'change binary', ', changing binary'],
];

/**
 * Calls `act` for each of the signals. `logged` gives the end of the line in the log, which nginx makes depend on the
 * process and its state; null: the signal means nothing here and is not acted on; nor is it where the end is empty.
 * `ignored` is called for those that mean nothing.
 */
export function onSignals(
  log: () => Log,
  logged: (action: Action, usual: string) => string | null,
  act: (action: Action) => void,
  ignored: (action: Action) => void = () => {},
): void {
  for (const [signal, action, usual] of ACTIONS) {
    process.on(signal, () => {
      const text = logged(action, usual);
      log().write(
        'notice',
        `signal ${constants.signals[signal]} (${signal}) received${text ?? ', ignoring'}`,
      );
      if (text === null) ignored(action);
      else if (text !== '') act(action);
    });
  }
}

export const SIGNAL_NAMES = ['stop', 'quit', 'reopen', 'reload'] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

const BY_NAME: Readonly<Record<SignalName, NodeJS.Signals>> = {
  stop: 'SIGTERM',
  quit: 'SIGQUIT',
  reopen: 'SIGUSR1',
  reload: 'SIGHUP',
};

/** `-s`: the exit code. */
export function signalMaster(name: SignalName, conf: CoreConf, log: Log): number {
  log.write('notice', 'signal process started');
  try {
    const pid = readPidFile(conf.pid);
    return send(pid, BY_NAME[name], log);
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    log.write('error', e.message);
    return 1;
  }
}

function send(pid: number, signal: NodeJS.Signals, log: Log): number {
  try {
    process.kill(pid, signal);
    return 0;
  } catch (e) {
    log.write('alert', `kill(${pid}, ${constants.signals[signal]}) failed ${errorText(e)}`);
    return 1;
  }
}
