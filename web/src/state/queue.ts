/** The order in which a room should look. Pure; it must never drop a row. */
import type { PairFrame } from '../protocol/frames';
import type { Sight } from '../protocol/http';
import type { Room } from './room';

export interface Row {
  readonly sight: Sight;
  readonly pair: PairFrame | null;
  readonly owned: boolean;
  readonly contactIn: number | null;
}

/** Unowned first, then by time to contact, then by priority; `agency` is the room that asks. */
export function rows(room: Pick<Room, 'sights' | 'pairs'>, agency: string): readonly Row[] {
  return [...room.sights.values()].map((sight) => row(room, sight, agency)).sort(before);
}

function row(room: Pick<Room, 'pairs'>, sight: Sight, agency: string): Row {
  const pair = room.pairs.get(sight.id) ?? null;
  return {
    sight,
    pair,
    owned: sight.owners.some((owner) => owner.agency === agency),
    contactIn: pair?.time_to_contact_s ?? null,
  };
}

function before(a: Row, b: Row): number {
  if (a.owned !== b.owned) return a.owned ? 1 : -1;
  const apart = (a.contactIn ?? Infinity) - (b.contactIn ?? Infinity);
  if (Number.isFinite(apart) && apart !== 0) return apart;
  if ((a.contactIn === null) !== (b.contactIn === null)) return a.contactIn === null ? 1 : -1;
  return a.sight.priority - b.sight.priority || a.sight.opened_at - b.sight.opened_at;
}

/** Rows whose code, labels or station hold what is looked for. */
export function found(all: readonly Row[], words: string): readonly Row[] {
  const sought = words.trim().toLowerCase();
  if (!sought) return all;
  return all.filter(({ sight }) =>
    [sight.code, sight.offender_label, sight.victim_label, sight.station_name, sight.id]
      .some((text) => text?.toLowerCase().includes(sought)),
  );
}

/** The id `step` rows from `chosen`, staying at the ends; the first where nothing was chosen. */
export function stepped(all: readonly Row[], chosen: string | null, step: number): string | null {
  const at = all.findIndex((one) => one.sight.id === chosen);
  const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step));
  return all[next]?.sight.id ?? null;
}
