/** In which turn units are asked: those that were, and those that could be next, as the desk ranks them. Pure; it must never
 * be taken for the desk's choice, which is made anew when somebody is asked. */
import type { UnitSight } from '../protocol/frames';
import type { Whole } from '../protocol/http';
import { distance, type Place } from './geo';
import type { Tracks } from './tracks';

/** By tasking: the how-manieth to be asked to go there. */
export function asked(taskings: Whole['taskings']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const inTurn = [...taskings].sort((a, b) => a.tasked_at - b.tasked_at);
  return new Map(inTurn.map((one) => {
    const turn = (counts.get(one.toward) ?? 0) + 1;
    counts.set(one.toward, turn);
    return [one.id, turn];
  }));
}

export interface Other {
  readonly unit: UnitSight;
  /** Metres in a straight line to whom it would be sent; null where either place is not known. */
  readonly away: number | null;
  readonly turn: number;
}

/** Free units that were not asked, the nearest of each kind first, those without a place last. */
export function next(units: readonly UnitSight[], whole: Pick<Whole, 'taskings' | 'offender' | 'victim'>, tracks: Tracks): readonly Other[] {
  const before = new Set(whole.taskings.map((one) => one.unit));
  const free = units.filter((one) => one.incident === null && one.status === 'available' && !before.has(one.unit));
  return (['police', 'probation'] as const).flatMap((kind) => {
    const where = place(kind, whole, tracks);
    const ranked = free.filter((one) => one.kind === kind).map((unit) => ({ unit, away: away(unit, where) }));
    ranked.sort((a, b) => Number(a.away === null) - Number(b.away === null) || (a.away ?? 0) - (b.away ?? 0) || a.unit.callsign.localeCompare(b.unit.callsign));
    return ranked.map((one, at) => ({ ...one, turn: at + 1 }));
  });
}

/** Police go to her, probation to him; to the other where the one is not known. */
function place(kind: UnitSight['kind'], { offender, victim }: Pick<Whole, 'offender' | 'victim'>, tracks: Tracks): Place | null {
  const [his, hers] = [offender, victim].map((subject) => (subject ? (tracks.get(subject)?.now ?? null) : null));
  return (kind === 'police' ? (hers ?? his) : (his ?? hers)) ?? null;
}

function away({ lon, lat }: UnitSight, where: Place | null): number | null {
  return lon === null || lat === null || where === null ? null : distance({ lon, lat }, where);
}
