/** What a room forgets when it is told that it may know no longer, or may not have been told. Pure; it must never keep a measure from which somebody who
 * is withheld could be found, nor wait for the desk to say it twice. */
import type { AlertBody, Withheld } from '../protocol/frames';
import type { Room, Saying } from './room';
import { Tracks } from './tracks';

/** How often each person, and everybody, was withheld: whoever shows them reads anew when it grows. */
export interface Forgotten {
  readonly of: ReadonlyMap<string, number>;
  readonly all: number;
  /** How often the line came back: an open file is read anew, for nobody tells what ended while it was cut. */
  readonly cuts: number;
}

export const NOBODY: Forgotten = { of: new Map(), all: 0, cuts: 0 };

/** Grows whenever one of these people was withheld. */
export function turnOf(forgotten: Forgotten, people: readonly (string | null)[]): number {
  return people.reduce((turn, one) => turn + (one === null ? 0 : (forgotten.of.get(one) ?? 0)), forgotten.all);
}

/** The same for a file of theirs, which is read anew when the line came back too. */
export function fileTurnOf(forgotten: Forgotten, people: readonly (string | null)[]): number {
  return turnOf(forgotten, people) + forgotten.cuts;
}

export function counted(forgotten: Forgotten, { subjects, incidents, anew }: Withheld): Forgotten {
  const of = new Map(forgotten.of);
  subjects.forEach((one) => of.set(one, (of.get(one) ?? 0) + 1));
  return { ...forgotten, of, all: forgotten.all + (anew || incidents.length > 0 ? 1 : 0) };
}

/** The room without where these people are and were, how far from anybody, and when that was told. */
export function unfollowed(room: Room, people: readonly string[]): Room {
  if (people.length === 0) return room;
  const gone = new Set(people);
  const theirs = (...parties: readonly (string | null)[]) => parties.some((one) => one !== null && gone.has(one));
  const near = new Set([...room.sights.values()].filter((one) => theirs(one.offender, one.victim)).map((one) => one.id));
  const apart = <V>(map: ReadonlyMap<string, V>): ReadonlyMap<string, V> => new Map([...map].filter(([incident]) => !near.has(incident)));
  const blind = (saying: Saying): Saying => {
    const { message } = saying;
    if (message.kind !== 'alert' || !theirs(message.body.offender_id, message.body.victim_id)) return saying;
    return { ...saying, message: { ...message, body: unmeasured(message.body) } };
  };
  return {
    ...room,
    tracks: room.tracks.without(gone),
    pairs: apart(room.pairs),
    silences: apart(room.silences),
    units: room.units.map((one) => (one.incident !== null && near.has(one.incident) ? { ...one, distance_m: null, eta_s: null } : one)),
    alerts: new Map([...room.alerts].map(([id, body]) => [id, theirs(body.offender_id, body.victim_id) ? unmeasured(body) : body])),
    said: new Map([...room.said].map(([id, said]) => [id, said.map(blind)])),
    notices: room.notices.map(blind),
  };
}

/** The room when its line has come back: who may be followed still is shown as soon as it is said again, which is at once. */
export function resumed(room: Room, at: number): Room {
  return { ...room, tracks: new Tracks(), forgotten: { ...room.forgotten, cuts: room.forgotten.cuts + 1 }, since: at };
}

/** Without how near those were of whom this line has said nothing: units come each second, after every pair. Dropped at once, the
 * queue would be in another order for that second. */
export function unsaid(room: Room): Room {
  if ([...room.pairs.values()].every((one) => one.at >= room.since)) return room;
  return { ...room, pairs: new Map([...room.pairs].filter(([, one]) => one.at >= room.since)) };
}

function unmeasured(body: AlertBody): AlertBody {
  return { ...body, distance_m: null, sigma_m: null, time_to_contact_s: null, reason: {} };
}
