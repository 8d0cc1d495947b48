/** The order in which a room should look. Pure; it must never drop a row. */
import type { PairFrame } from '../protocol/frames';
import type { Sight } from '../protocol/http';
import { type Contact, contactOf } from './contact';
import type { Room } from './room';

export interface Row {
  readonly sight: Sight;
  readonly pair: PairFrame | null;
  readonly owned: boolean;
  readonly contact: Contact | null;
}

/** Every open incident in that order; `agency` is the room that asks. */
export function rows(room: Pick<Room, 'sights' | 'pairs'>, agency: string): readonly Row[] {
  return [...room.sights.values()].map((sight) => row(room, sight, agency)).sort(before);
}

function row(room: Pick<Room, 'pairs'>, sight: Sight, agency: string): Row {
  const pair = room.pairs.get(sight.id) ?? null;
  return { sight, pair, owned: sight.owners.some((owner) => owner.agency === agency), contact: contactOf(pair) };
}

/** P0 and P1 call for somebody now. */
const CALLS = 1;

/** The one rule: what nobody owns first, of that what calls for somebody now; then the nearest contact, then priority, then
 * the oldest. Below zero where a comes first. */
export function before(a: Row, b: Row): number {
  return rank(a) - rank(b) || soon(a) - soon(b) || a.sight.priority - b.sight.priority || a.sight.opened_at - b.sight.opened_at;
}

function rank({ owned, sight }: Row): number {
  return (owned ? 2 : 0) + (sight.priority <= CALLS ? 0 : 1);
}

/** Longer than any time told, and finite: two that are not known are equal. */
const NOT_KNOWN = 1e9;

/** A call for help whose time nobody knows is not a late one. */
function soon({ contact, sight }: Row): number {
  return contact?.seconds ?? (sight.priority <= 0 ? 0 : NOT_KNOWN);
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
