/** The way he has left: rings in minutes around her, and where somebody meets him. Straight lines at today's pace; it must
 * never be taken for more than a look ahead. */
import type { PairFrame, UnitSight } from '../protocol/frames';
import { distance, offset, type Place, shifted } from '../state/geo';

export type Approach = Pick<PairFrame, 'distance_m' | 'time_to_contact_s' | 'assumed'>;

export interface MinuteRing {
  readonly minutes: number;
  readonly radius: number;
}

export interface Meeting {
  readonly at: Place;
  readonly callsign: string;
  /** Seconds from now. */
  readonly seconds: number;
}

const MINUTES = [1, 5];
/** Nearer than this a ring is under her mark; further than twice the distance it says nothing of this approach. */
const LEAST_M = 60;
const STEPS = 120;

/** How far he comes in so many minutes, around her; none where nothing is known. */
export function minuteRings(approach: Approach | null): readonly MinuteRing[] {
  const metres = approach?.distance_m ?? 0;
  const seconds = approach?.time_to_contact_s ?? 0;
  if (seconds <= 0) return [];
  return MINUTES.map((minutes) => ({ minutes, radius: (metres / seconds) * 60 * minutes }))
    .filter(({ radius }) => radius >= LEAST_M && radius <= 2 * metres);
}

/** Where the first unit under way can stand in his straight way; null while he does not close, or if he is there before. */
export function meeting(his: Place, hers: Place, approach: Approach | null, units: readonly UnitSight[]): Meeting | null {
  const all = approach?.time_to_contact_s ?? 0;
  if (!approach || approach.assumed || all <= 0) return null;
  const going = units.flatMap((unit) => pace(unit) ?? []);
  const [east, north] = offset(his, hers);
  for (let step = 1; step <= STEPS; step += 1) {
    const share = step / STEPS;
    const at = shifted(his, east * share, north * share);
    const first = going.find((unit) => distance(unit, at) / unit.mps <= all * share);
    if (first) return { at, callsign: first.callsign, seconds: all * share };
  }
  return null;
}

/** A unit under way and how fast it comes on in a straight line; null for one that stands, or whose place is not known. */
function pace({ lon, lat, callsign, state, distance_m: metres, eta_s: seconds }: UnitSight) {
  const goes = state === 'accepted' || state === 'en_route';
  if (!goes || lon === null || lat === null || !metres || !seconds) return null;
  return { lon, lat, callsign, mps: metres / seconds };
}
