// A page that shows a CPU profile as a flame graph: nothing else is needed to look at it.

import { fileURLToPath } from 'node:url';
import type { CpuProfile } from '../script/host/profile.ts';

/** A function in the place where it was called: samples in it and below, name, place. */
interface Flame {
  readonly name: string;
  readonly place: string;
  total: number;
  readonly inner: Flame[];
}

/** Of these there is nothing to see: the isolate was not running. */
const IDLE: ReadonlySet<string> = new Set(['(idle)', '(program)']);

export function flameGraph(profile: CpuProfile): string {
  const data = JSON.stringify(flameOf(profile)).replaceAll('<', '\\u003c');
  const seconds = ((profile.endTime - profile.startTime) / 1e6).toFixed(1);
  return PAGE.replace('SECONDS', () => seconds).replace('DATA', () => data);
}

function flameOf({ nodes, samples }: CpuProfile): Flame {
  const hits = new Map<number, number>();
  for (const id of samples) hits.set(id, (hits.get(id) ?? 0) + 1);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const build = (id: number): Flame => {
    const node = byId.get(id);
    const frame = node?.callFrame;
    const flame: Flame = {
      name: frame?.functionName || '(anonymous)',
      place: frame === undefined ? '' : placeOf(frame.url, frame.lineNumber),
      total: IDLE.has(frame?.functionName ?? '') ? 0 : (hits.get(id) ?? 0),
      inner: [],
    };
    for (const child of node?.children ?? []) {
      const inner = build(child);
      if (inner.total === 0) continue;
      flame.total += inner.total;
      const same = flame.inner.find(({ name, place }) => name === inner.name && place === inner.place);
      if (same === undefined) flame.inner.push(inner);
      else join(same, inner);
    }
    flame.inner.sort((a, b) => b.total - a.total);
    return flame;
  };
  return build(nodes[0]?.id ?? 1);
}

function join(into: Flame, from: Flame): void {
  into.total += from.total;
  for (const one of from.inner) {
    const same = into.inner.find(({ name, place }) => name === one.name && place === one.place);
    if (same === undefined) into.inner.push(one);
    else join(same, one);
  }
}

function placeOf(url: string, line: number): string {
  if (url === '') return '';
  return url.startsWith('file:') ? `${fileURLToPath(url)}:${line + 1}` : url;
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Profile of scripts</title>
<style>
  body { font: 13px/1.4 system-ui, sans-serif; margin: 16px; color: #222; background: #fff }
  #graph { position: relative }
  #graph div { position: absolute; box-sizing: border-box; height: 19px; padding: 0 3px; overflow: hidden;
    white-space: nowrap; border: 1px solid #fff; border-radius: 2px; cursor: pointer }
  #graph div:hover { filter: brightness(.88) }
  #what { min-height: 2.8em; font-family: ui-monospace, monospace }
</style>
<h1>Scripts, SECONDS s</h1>
<p>The width is the time that a function and what it calls took. Click to enlarge one, on the top row to go back.</p>
<div id="what"></div>
<div id="graph"></div>
<script>
const whole = DATA;
const graph = document.getElementById('graph');
const what = document.getElementById('what');
const color = (text) => {
  let sum = 7;
  for (const c of text) sum = (sum * 31 + c.codePointAt(0)) % 997;
  return 'hsl(' + (10 + (sum % 45)) + ' 85% ' + (68 + (sum % 14)) + '%)';
};
function show(flame) {
  graph.textContent = '';
  const width = graph.clientWidth;
  let depth = 0;
  const draw = (one, level, left) => {
    const size = (one.total / flame.total) * width;
    if (size < 1) return;
    depth = Math.max(depth, level);
    const box = document.createElement('div');
    const percent = ((100 * one.total) / whole.total).toFixed(1);
    box.style.cssText = 'left:' + left + 'px;top:' + level * 20 + 'px;width:' + size + 'px;background:' + color(one.place + one.name);
    box.textContent = one.name;
    box.title = one.name + ' ' + one.place;
    box.onmouseenter = () => { what.textContent = one.name + '  ' + one.place + '  ' + percent + ' % (' + one.total + ' samples)'; };
    box.onclick = () => show(one === flame ? whole : one);
    graph.append(box);
    for (const inner of one.inner) {
      draw(inner, level + 1, left);
      left += (inner.total / flame.total) * width;
    }
  };
  draw(flame, 0, 0);
  graph.style.height = (depth + 1) * 20 + 'px';
}
if (whole.total > 0) show(whole);
else what.textContent = 'No script ran.';
addEventListener('resize', () => show(whole));
</script>
</html>
`;
