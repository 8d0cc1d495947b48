/** When two people could meet, and what that time assumes. Pure; it must never pass a walk off as an approach. */
import type { PairFrame } from '../protocol/frames';

export interface Contact {
  readonly seconds: number;
  /** Nobody comes as fast as the time says: it is that of somebody who would set out now, at walking pace. */
  readonly walking: boolean;
}

/** Speeds are told in tenths of a metre a second. */
const ROUNDED = 0.95;

/** Null where nothing is known. The desk counts at walking pace for whoever closes more slowly than that, too. */
export function contactOf(pair: PairFrame | null): Contact | null {
  if (pair === null || pair.time_to_contact_s === null) return null;
  const { time_to_contact_s: seconds, distance_m: metres, closing_mps: closing, assumed } = pair;
  const measured = !assumed && closing !== null && metres !== null && closing * seconds >= metres * ROUNDED;
  return { seconds, walking: !measured };
}
