/** What a worker ends itself with when a script cannot be stopped; the master knows by it why. No core dump. */
export const STUCK_SIGNAL = 'SIGVTALRM';
