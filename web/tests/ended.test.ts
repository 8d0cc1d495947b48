/** Promises of what a page without a live line hears of ends. */
import { expect, test } from 'vitest';
import { type Heard, heardOf, NOTHING } from '../src/state/ended';

const said = (at: number, ...marks: string[]) => ({ at, marks, own: 'o' });
const after = (...answers: ReturnType<typeof said>[]): Heard => answers.reduce(heardOf, NOTHING);

test('an end is heard once, however long it is told, and asked for from where the last answer was', () => {
  const heard = after(said(1), said(2, 'a'), said(3, 'a'), said(4, 'a', 'b'), said(5, 'b'), said(6));
  expect([heard.times, heard.since]).toEqual([2, 6]);
});

test('what ended just before a page was opened counts, for it may have been read as if it held', () => {
  expect(after(said(1, 'a')).times).toBe(1);
  expect(after(said(1)).times).toBe(0);
});

test('a case that becomes one\'s own counts, and having one does not', () => {
  expect(after(said(1), said(2)).times).toBe(0);
  expect(after(said(1), { ...said(2), own: 'another' }).times).toBe(1);
});
