/** When somebody of an open incident was not seen for too long, as this screen was told. Pure; it must never call what is not
 * heard safe, nor end a silence before a position has come. */
import type { PairFrame } from '../protocol/frames';
import { PROMISE_S } from './time';

export interface Silence {
  readonly side: 'offender' | 'victim';
  /** Desk time of the last position before it, and of the first after it; null while it lasts. */
  readonly since: number;
  readonly until: number | null;
}

const SIDES = ['offender', 'victim'] as const;
/** Ages are told in tenths of a second: the same position may seem this much newer. */
const ROUNDED_S = 1;

/** What was known and what this frame says; the same list where it says nothing new. */
export function silences(known: readonly Silence[], pair: PairFrame): readonly Silence[] {
  return SIDES.reduce((all, side) => heard(all, side, pair.at, side === 'victim' ? pair.victim_age_s : pair.offender_age_s), known);
}

function heard(known: readonly Silence[], side: Silence['side'], at: number, age: number | null): readonly Silence[] {
  if (age === null) return known;
  const lasting = known.find((one) => one.side === side && one.until === null);
  const last = at - age;
  const spoken = lasting !== undefined && last > lasting.since + ROUNDED_S;
  const ended = spoken ? known.map((one) => (one === lasting ? { ...one, until: last } : one)) : known;
  const begins = age > PROMISE_S.position && (lasting === undefined || spoken);
  return begins ? [...ended, { side, since: last, until: null }] : ended;
}
