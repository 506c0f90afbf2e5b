// System errors in the C library's words, which nginx's log lines end with: `(2: No such file or directory)`.
// libuv has texts of its own ("no such file or directory"), so they cannot be taken from Node.

import { constants } from 'node:os';
import { messageOf } from './thrown.ts';

const TEXTS: Readonly<Record<string, string>> = {
  E2BIG: 'Argument list too long',
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EAGAIN: 'Resource temporarily unavailable',
  EALREADY: 'Operation already in progress',
  EBADF: 'Bad file descriptor',
  EBADMSG: 'Bad message',
  EBUSY: 'Device or resource busy',
  ECANCELED: 'Operation canceled',
  ECHILD: 'No child processes',
  ECONNABORTED: 'Software caused connection abort',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EDEADLK: 'Resource deadlock avoided',
  EDESTADDRREQ: 'Destination address required',
  EDOM: 'Numerical argument out of domain',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EFAULT: 'Bad address',
  EFBIG: 'File too large',
  EHOSTUNREACH: 'No route to host',
  EIDRM: 'Identifier removed',
  EILSEQ: 'Invalid or incomplete multibyte or wide character',
  EINPROGRESS: 'Operation now in progress',
  EINTR: 'Interrupted system call',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISCONN: 'Transport endpoint is already connected',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  EMLINK: 'Too many links',
  EMSGSIZE: 'Message too long',
  EMULTIHOP: 'Multihop attempted',
  ENAMETOOLONG: 'File name too long',
  ENETDOWN: 'Network is down',
  ENETRESET: 'Network dropped connection on reset',
  ENETUNREACH: 'Network is unreachable',
  ENFILE: 'Too many open files in system',
  ENOBUFS: 'No buffer space available',
  ENODATA: 'No data available',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOEXEC: 'Exec format error',
  ENOLCK: 'No locks available',
  ENOLINK: 'Link has been severed',
  ENOMEM: 'Cannot allocate memory',
  ENOMSG: 'No message of desired type',
  ENOPROTOOPT: 'Protocol not available',
  ENOSPC: 'No space left on device',
  ENOSR: 'Out of streams resources',
  ENOSTR: 'Device not a stream',
  ENOSYS: 'Function not implemented',
  ENOTCONN: 'Transport endpoint is not connected',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENOTSOCK: 'Socket operation on non-socket',
  ENOTSUP: 'Operation not supported',
  ENOTTY: 'Inappropriate ioctl for device',
  ENXIO: 'No such device or address',
  EOVERFLOW: 'Value too large for defined data type',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  EPROTO: 'Protocol error',
  EPROTONOSUPPORT: 'Protocol not supported',
  EPROTOTYPE: 'Protocol wrong type for socket',
  ERANGE: 'Numerical result out of range',
  EROFS: 'Read-only file system',
  ESPIPE: 'Illegal seek',
  ESRCH: 'No such process',
  ESTALE: 'Stale file handle',
  ETIME: 'Timer expired',
  ETIMEDOUT: 'Connection timed out',
  ETXTBSY: 'Text file busy',
  EXDEV: 'Invalid cross-device link',
};

const byNumber = new Map<number, string>();
for (const [code, number] of Object.entries(constants.errno)) {
  const text = TEXTS[code];
  if (text !== undefined && !byNumber.has(number)) byNumber.set(number, text);
}

/** strerror(3); takes libuv's negative numbers too. */
export function strerror(errno: number): string {
  const number = Math.abs(errno);
  return byNumber.get(number) ?? `Unknown error ${number}`;
}

/** The end of nginx's log line for a failed system call: `(98: Address already in use)`. */
export function errnoText(errno: number): string {
  return `(${Math.abs(errno)}: ${strerror(errno)})`;
}

/** The same for an exception of Node's; one that is no system error gives its message. */
export function errorText(error: unknown): string {
  const errno = errnoOf(error);
  if (errno !== 0) return errnoText(errno);
  return `(${messageOf(error)})`;
}

const { ENOENT, ENOTDIR, ENAMETOOLONG } = constants.errno;

/** What was asked for is not there: no fault of the machine's. */
export function isAbsent(errno: number): boolean {
  return errno === ENOENT || errno === ENOTDIR || errno === ENAMETOOLONG;
}

/** The positive number of a system error, 0 for any other exception. */
export function errnoOf(error: unknown): number {
  if (!(error instanceof Error)) return 0;
  const { errno, code } = error as NodeJS.ErrnoException;
  if (typeof errno === 'number') return Math.abs(errno);
  const known = Object.entries(constants.errno).find(([name]) => name === code);
  return known === undefined ? 0 : known[1];
}
