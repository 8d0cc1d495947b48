/** Whether anything has ended of what this account could know, as the desk says it to pages without a live line. Pure but for
 * the count itself; it must never count the same end twice: each reading is a look on the register. */
import type { Ended } from '../protocol/http';
import { Store } from './store';

/** Grows with each end that was heard of: whatever names anybody is read anew. */
export const ends = new Store(0);

export interface Heard {
  /** The desk's time, to ask from next. */
  readonly since: number | null;
  readonly marks: readonly string[];
  readonly own: string | null;
  readonly times: number;
}

export const NOTHING: Heard = { since: null, marks: [], own: null, times: 0 };

/** What is known after an answer. The first one also tells of what ended just before, which a page may have read as if it held. */
export function heardOf(known: Heard, { at, marks, own }: Ended): Heard {
  const news = marks.some((one) => !known.marks.includes(one)) || (known.own !== null && own !== known.own);
  return { since: at, marks, own, times: known.times + (news ? 1 : 0) };
}
