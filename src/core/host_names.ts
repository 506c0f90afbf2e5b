// Values by host name, with nginx's wildcards: "*.example.com", ".example.com" (the name itself too) and "www.example.*".
// An exact name comes first, then the longest wildcard at the front, then the longest at the end.

/** What names lead to; who fills it in decides what becomes of a name that is there already. */
export class HostTable<T> {
  readonly exact = new Map<string, T>();
  /** ".example.com" for "*.example.com". */
  readonly heads = new Map<string, T>();
  /** "www.example." for "www.example.*". */
  readonly tails = new Map<string, T>();

  /** What `host` (lower case) has. */
  find(host: string): T | undefined {
    const exact = this.exact.get(host);
    if (exact !== undefined) return exact;
    if (this.heads.size > 0) {
      for (let dot = host.indexOf('.', 1); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const head = this.heads.get(host.slice(dot));
        if (head !== undefined) return head;
      }
    }
    if (this.tails.size > 0) {
      for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
        const tail = this.tails.get(host.slice(0, dot + 1));
        if (tail !== undefined) return tail;
      }
    }
    return undefined;
  }
}

/** For those who keep what is there already, and say so. */
export class HostNames<T> {
  readonly #table = new HostTable<T>();

  /** Adds a name, in whatever case; "conflict" where it is there already, "invalid" for a wildcard that is none. */
  add(text: string, value: T): 'added' | 'conflict' | 'invalid' {
    const { exact, heads, tails } = this.#table;
    const name = text.toLowerCase();
    const stars = name.split('*').length - 1;
    if (stars > 1 || name.includes('..') || name.includes('\0')) return 'invalid';
    if (name.length > 1 && name.startsWith('.')) {
      if (exact.has(name.slice(1)) || heads.has(name)) return 'conflict';
      exact.set(name.slice(1), value);
      heads.set(name, value);
      return 'added';
    }
    if (name.length > 2 && name.startsWith('*.')) return addNew(heads, name.slice(1), value);
    if (name.length > 2 && name.endsWith('.*')) return addNew(tails, name.slice(0, -1), value);
    if (stars > 0) return 'invalid';
    return addNew(exact, name, value);
  }

  find(host: string): T | undefined {
    return this.#table.find(host);
  }
}

function addNew<T>(map: Map<string, T>, name: string, value: T): 'added' | 'conflict' {
  if (map.has(name)) return 'conflict';
  map.set(name, value);
  return 'added';
}
