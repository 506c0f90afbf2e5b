let n = 0;
setInterval(() => {
  n++;
}, 5);

export function ticks(): number {
  return n;
}
