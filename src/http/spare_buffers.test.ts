import { describe, expect, test } from 'vitest';
import { borrow, copyOf, free, giveBack } from './spare_buffers.ts';

describe('memory that is given back', () => {
  test.each([4096, 16_384, 16_385, 65_536, 65_537, 262_144])('is used again: %d bytes', (size) => {
    const first = borrow(size);
    expect(first.length).toBe(size);
    giveBack(first.subarray(10, 20));
    const second = borrow(size);
    expect(second.length).toBe(size);
    expect(second.buffer).toBe(first.buffer);
    expect(borrow(size).buffer).not.toBe(second.buffer);
  });

  test('is not all kept', () => {
    const many = Array.from({ length: 40 }, () => borrow(16_384));
    for (const piece of many) giveBack(piece);
    expect(many.filter((piece) => piece.length === 0).length).toBe(24);
    const again = Array.from({ length: 16 }, () => borrow(16_384).buffer);
    expect(new Set(again).size).toBe(16);
    expect(again.every((buffer) => buffer.byteLength === 16_384)).toBe(true);
  });

  test('of others is left alone, above all what is shared', () => {
    const shared = Buffer.allocUnsafe(100);
    const own = Buffer.allocUnsafeSlow(65_536);
    for (const piece of [shared, own, borrow(100), borrow(300_000)]) giveBack(piece);
    expect(borrow(65_536).buffer).not.toBe(own.buffer);
    expect(borrow(Math.min(65_536, shared.buffer.byteLength)).buffer).not.toBe(shared.buffer);
    expect(shared.length).toBe(100);
  });
});

test('a copy', () => {
  const bytes = Buffer.alloc(20_000, 'abc');
  const copy = copyOf(bytes, 1, 10_001);
  expect(copy.equals(bytes.subarray(1, 10_001))).toBe(true);
  expect(copy.buffer).not.toBe(bytes.buffer);
});

test('only a whole piece is freed', () => {
  const small = Buffer.allocUnsafe(100);
  const part = Buffer.alloc(40_000).subarray(1);
  const whole = Buffer.allocUnsafeSlow(40_000);
  for (const piece of [small, part, whole]) free(piece);
  expect([small.length, part.length, whole.length]).toEqual([100, 39_999, 0]);
});
