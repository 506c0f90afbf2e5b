import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { strftime } from './strftime.ts';

const FORMAT =
  '%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %n %p %P %r %R %s %S %t %T %u %U %V %w %W ' +
  '%x %X %y %Y %z %Z %% %Ey %Od';

// Year ends, where weeks belong to the other year, noon, midnight, a leap day.
const MOMENTS = [0, 1_104_537_599, 1_230_768_000, 1_262_304_000, 1_709_208_000, 1_735_603_200, 1_767_225_599];

test.each(MOMENTS)('%d is shown as date(1) shows it', (at) => {
  const options = { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' }, encoding: 'utf8' } as const;
  const shown = execFileSync('date', ['-u', '-d', `@${at}`, `+${FORMAT}`], options);
  // date(1) says UTC where gmtime() has GMT.
  expect(`${strftime(FORMAT, at, true)}\n`).toBe(shown.replace(' UTC ', ' GMT '));
});

test('what is no conversion stays', () => {
  expect(strftime('50% %! %', 0, true)).toBe('50% %! %');
});

test('the local zone has a name', () => {
  const zone = process.env['TZ'];
  try {
    process.env['TZ'] = 'Europe/Berlin';
    expect(strftime('%H:%M %z %Z', 0, false)).toBe('01:00 +0100 CET');
    process.env['TZ'] = 'America/New_York';
    expect(strftime('%H:%M %z %Z', 0, false)).toBe('19:00 -0500 EST');
    process.env['TZ'] = 'America/Sao_Paulo';
    expect(strftime('%H:%M %z %Z', 0, false)).toBe('21:00 -0300 -03');
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});
