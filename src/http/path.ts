// From a uri to the file it names: root and alias (ngx_http_map_uri_to_path).

import { logError } from './log.ts';
import type { HttpRequest } from './request.ts';

/** The file's path, or null where an alias has nothing to stand for (logged; answer 500). */
export function mapUriToPath(r: HttpRequest): string | null {
  const { root } = r.loc.core;
  if (root.alias && r.uriRewritten) {
    logError(r, 'alert', `"alias" cannot be used in location "${r.loc.name}" where URI was rewritten`);
    return null;
  }
  const base = rootPath(r);
  if (!root.alias) return base + r.uri;
  if (!root.regex) return base + r.uri.slice(root.aliasLength);
  return r.addUriToAlias ? base + r.uri : base;
}

/** $document_root. */
export function rootPath(r: HttpRequest): string {
  const { root } = r.loc.core;
  if (root.value === null) return root.path;
  const path = root.value.evaluate(r);
  return path.startsWith('/') ? path : r.server.main.cf.sources.prefix + path;
}
