/** What a control room knows, as a value, and how each frame changes it. Pure; nothing of an incident outlives it here. */
import type { AlertBody, Frame, Message, PageBody, PairFrame, StateBody, UnitSight } from '../protocol/frames';
import type { Overview, Sight } from '../protocol/http';
import { moved, only, type Tracks } from './tracks';

export interface Saying {
  readonly at: number;
  readonly message: Message;
}

export interface Limits {
  readonly accept_s: number;
  readonly own_s: number;
  readonly on_scene_s: number;
}

export interface Room {
  readonly sights: ReadonlyMap<string, Sight>;
  readonly alerts: ReadonlyMap<string, AlertBody>;
  readonly pairs: ReadonlyMap<string, PairFrame>;
  readonly tracks: Tracks;
  readonly units: readonly UnitSight[];
  readonly unitsAt: number | null;
  readonly factsAge: number | null;
  readonly said: ReadonlyMap<string, readonly Saying[]>;
  readonly notices: readonly Saying[];
  readonly limits: Limits;
  /** Grows whenever the record changed and the queue should be read anew. */
  readonly stale: number;
}

export const EMPTY: Room = {
  sights: new Map(),
  alerts: new Map(),
  pairs: new Map(),
  tracks: new Map(),
  units: [],
  unitsAt: null,
  factsAge: null,
  said: new Map(),
  notices: [],
  limits: { accept_s: 30, own_s: 60, on_scene_s: 420 },
  stale: 0,
};

const MOST_NOTICES = 20;

export function reduce(room: Room, frame: Frame): Room {
  switch (frame.type) {
    case 'welcome':
      return { ...frame.open.reduce(hear, room), stale: room.stale + 1 };
    case 'message':
      return hear(room, frame);
    case 'target':
      return { ...room, tracks: moved(room.tracks, frame.positions) };
    case 'pair':
      return { ...room, pairs: new Map(room.pairs).set(frame.incident, frame) };
    case 'units':
      return { ...room, units: frame.units, unitsAt: frame.at };
    case 'beat':
      return { ...room, factsAge: frame.facts_age_s };
  }
}

/** The same for frames that came together: what moves is taken at once, and a message, which ends a gathering, after it. */
export function gathered(room: Room, frames: readonly Frame[]): Room {
  const positions = frames.flatMap((frame) => (frame.type === 'target' ? frame.positions : []));
  const pairs = frames.flatMap((frame) => (frame.type === 'pair' ? [[frame.incident, frame] as const] : []));
  const moving: Room = {
    ...room,
    tracks: positions.length > 0 ? moved(room.tracks, positions) : room.tracks,
    pairs: pairs.length > 0 ? new Map([...room.pairs, ...pairs]) : room.pairs,
  };
  return frames.filter((frame) => frame.type !== 'target' && frame.type !== 'pair').reduce(reduce, moving);
}

function hear(room: Room, message: Message): Room {
  const next = { ...room, stale: room.stale + 1 };
  if (message.incident === null) {
    return { ...next, notices: [{ at: message.at, message }, ...room.notices].slice(0, MOST_NOTICES) };
  }
  if (message.kind === 'incident_closed') return without(next, message.incident);
  const said = new Map(room.said).set(message.incident, noted(room.said.get(message.incident) ?? [], message));
  const alerts =
    message.kind === 'alert' ? new Map(room.alerts).set(message.incident, message.body) : room.alerts;
  return { ...next, said, alerts };
}

/** A message told before it was recorded comes again, recorded, and takes the place of the first. */
function noted(said: readonly Saying[], message: Message): readonly Saying[] {
  const id = key(message);
  return [...said.filter((one) => key(one.message) !== id), { at: message.at, message }];
}

function key(message: Message): string {
  if (message.kind === 'alert' || message.kind === 'tasking') return `${message.kind}:${message.body.alert}`;
  return `${message.kind}:${message.seq}`;
}

/** The queue as the record has it: what is not in it is closed, and goes. */
export function read(room: Room, overview: Overview): Room {
  const sights = new Map(overview.incidents.map((sight) => [sight.id, sight]));
  const gone = [...room.sights.keys(), ...room.said.keys()].filter((id) => !sights.has(id) && isOlder(room, id, overview.at));
  const limits = { accept_s: overview.accept_s, own_s: overview.own_s, on_scene_s: overview.on_scene_s };
  return gone.reduce(without, { ...room, sights, limits });
}

function isOlder(room: Room, incident: string, at: number): boolean {
  const last = room.said.get(incident)?.at(-1);
  return last === undefined || last.at < at;
}

/** Nothing of a closed incident stays: not its row, its words, its distance, nor where its people were. */
export function without(room: Room, incident: string): Room {
  const drop = <V>(map: ReadonlyMap<string, V>): ReadonlyMap<string, V> =>
    new Map([...map].filter(([id]) => id !== incident));
  const sights = drop(room.sights);
  const alerts = drop(room.alerts);
  return {
    ...room, sights, alerts, pairs: drop(room.pairs), said: drop(room.said), tracks: only(room.tracks, parties(sights, alerts)),
  };
}

function parties(sights: ReadonlyMap<string, Sight>, alerts: ReadonlyMap<string, AlertBody>): ReadonlySet<string> {
  const of = [
    ...[...sights.values()].flatMap((sight) => [sight.offender, sight.victim]),
    ...[...alerts.values()].flatMap((alert) => [alert.offender_id, alert.victim_id]),
  ];
  return new Set(of.filter((id): id is string => id !== null));
}

export type { AlertBody, PageBody, StateBody };
