/** What a control room knows, as a value, and how each frame changes it. Pure; nothing of an incident outlives it here. */
import type { AlertBody, Frame, Message, PageBody, PairFrame, StateBody, UnitSight, Withheld } from '../protocol/frames';
import type { Overview, Sight, Told } from '../protocol/http';
import { type Silence, silences } from './silence';
import { Tracks } from './tracks';
import { counted, type Forgotten, NOBODY, resumed, unfollowed, unsaid } from './withheld';

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
  /** Seconds by role, for whichever of our own roles does not get on. */
  readonly behind: Readonly<Record<string, number>>;
  readonly silences: ReadonlyMap<string, readonly Silence[]>;
  readonly said: ReadonlyMap<string, readonly Saying[]>;
  readonly notices: readonly Saying[];
  readonly limits: Limits;
  /** Grows whenever the record changed and the queue should be read anew. */
  readonly stale: number;
  readonly forgotten: Forgotten;
  /** Since when the line has not been cut. */
  readonly since: number;
}

export const EMPTY: Room = {
  sights: new Map(),
  alerts: new Map(),
  pairs: new Map(),
  tracks: new Tracks(),
  units: [],
  unitsAt: null,
  factsAge: null,
  behind: {},
  silences: new Map(),
  said: new Map(),
  notices: [],
  limits: { accept_s: 30, own_s: 60, on_scene_s: 420 },
  stale: 0,
  forgotten: NOBODY,
  since: 0,
};

const MOST_NOTICES = 200;

export function reduce(room: Room, frame: Frame): Room {
  switch (frame.type) {
    case 'welcome':
      return { ...frame.open.reduce(hear, resumed(room, frame.at)), stale: room.stale + 1 };
    case 'message':
      return hear(room, frame);
    case 'target':
      return { ...room, tracks: room.tracks.moved(frame.positions) };
    case 'pair':
      return measured(room, [frame]);
    case 'units':
      return unsaid({ ...room, units: frame.units, unitsAt: frame.at });
    case 'beat':
      return { ...room, factsAge: frame.facts_age_s, behind: kept(room.behind, frame.behind ?? {}) };
    case 'withheld':
      return forgetting(room, frame);
  }
}

/** The same for frames that came together: what moves is taken at once, and a message, which ends a gathering, after it. */
export function gathered(room: Room, frames: readonly Frame[]): Room {
  const positions = frames.flatMap((frame) => (frame.type === 'target' ? frame.positions : []));
  const pairs = frames.filter((frame) => frame.type === 'pair');
  const moving = measured({ ...room, tracks: positions.length > 0 ? room.tracks.moved(positions) : room.tracks }, pairs);
  return frames.filter((frame) => frame.type !== 'target' && frame.type !== 'pair').reduce(reduce, moving);
}

/** How near pairs are now, and who of them has fallen silent or speaks again. */
function measured(room: Room, frames: readonly PairFrame[]): Room {
  if (frames.length === 0) return room;
  const pairs = new Map(room.pairs);
  let silent = room.silences;
  for (const frame of frames) {
    pairs.set(frame.incident, frame);
    const known = silent.get(frame.incident) ?? [];
    const now = silences(known, frame);
    if (now !== known) silent = new Map(silent).set(frame.incident, now);
  }
  return { ...room, pairs, silences: silent };
}

/** What it may know no longer goes at once; what of it may be known still is read anew. */
function forgetting(room: Room, frame: Withheld): Room {
  const left = frame.incidents.reduce(without, unfollowed(room, frame.positions));
  const named = new Set(frame.subjects);
  const shown = [...room.sights.values()].some((one) => [one.offender, one.victim].some((party) => party !== null && named.has(party)));
  const anew = frame.anew || frame.incidents.length > 0;
  return {
    ...left, forgotten: counted(room.forgotten, frame), stale: room.stale + (shown || anew ? 1 : 0),
    notices: anew ? [] : left.notices,
  };
}

/** The same value where nothing changed: a beat a second must not draw a room anew. */
function kept(known: Room['behind'], said: Room['behind']): Room['behind'] {
  return Object.keys(known).length === 0 && Object.keys(said).length === 0 ? known : said;
}

/** What the record holds of an incident, or outside of any, as the line would have said it. */
export function recorded(told: Told, incident: string | null): Message {
  return { ...told, type: 'message', feed: '', recorded: true, incident } as unknown as Message;
}

/** Notices told before this page was opened, beneath those it has heard itself. */
export function earlier(room: Room, told: readonly Told[]): Room {
  const heard = new Set(room.notices.map(({ message }) => message.seq));
  const before = told.filter(({ seq }) => !heard.has(seq)).map((one) => ({ at: one.at, message: recorded(one, null) }));
  return { ...room, notices: [...room.notices, ...before].slice(0, MOST_NOTICES) };
}

function hear(room: Room, message: Message): Room {
  const next = { ...room, stale: room.stale + 1 };
  if (message.kind === 'withheld') return room;
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
    ...room, sights, alerts, pairs: drop(room.pairs), silences: drop(room.silences), said: drop(room.said),
    tracks: room.tracks.only(parties(sights, alerts)),
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
