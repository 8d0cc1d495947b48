/** What a map draws of one response, as GeoJSON. Pure; it must never draw a sharp dot without the disc of its doubt. */
import type { UnitSight } from '../protocol/frames';
import { circle, distance, offset, type Place, shifted, within95 } from '../state/geo';
import { isOld, PROMISE_S } from '../state/time';
import type { Track, Tracks } from '../state/tracks';
import { type Approach, meeting, minuteRings } from './approach';

export type Side = 'offender' | 'victim' | 'police' | 'probation' | 'own';

export interface Party {
  readonly subject: string;
  readonly side: 'offender' | 'victim';
  readonly quiet: boolean;
}

export interface Words {
  readonly side: (side: Side) => string;
  readonly age: (seconds: number) => string;
  /** Instead of an age that is past its promise. */
  readonly silent: (seconds: number) => string;
  readonly eta: (seconds: number) => string;
  readonly metres: (value: number) => string;
  readonly minutes: (value: number, assumed: boolean) => string;
  readonly meets: (callsign: string, seconds: number) => string;
}

export interface Wanted {
  readonly tracks: Pick<Tracks, 'get'>;
  readonly parties: readonly Party[];
  readonly units: readonly UnitSight[];
  readonly incident: string | null;
  readonly radius: number | null;
  /** How the chosen pair comes together; null: nothing is said of that. */
  readonly approach: Approach | null;
  readonly own: (Place & { readonly sigma_m: number }) | null;
  /** Desk time, Unix seconds. */
  readonly now: number;
  readonly words: Words;
}

type Properties = Record<string, string | number | boolean>;
type Feature = GeoJSON.Feature<GeoJSON.Geometry, Properties>;
export type Bounds = readonly [west: number, south: number, east: number, north: number];

export interface Scene {
  readonly areas: GeoJSON.FeatureCollection;
  readonly lines: GeoJSON.FeatureCollection;
  readonly points: GeoJSON.FeatureCollection;
  readonly bounds: Bounds | null;
}

const COMING_M = 600;
const RINGS_M = [500, 1000, 2000];

interface Seen {
  readonly party: Party;
  readonly track: Track;
}

export function scene(wanted: Wanted): Scene {
  const seen = wanted.parties.flatMap((party) => {
    const track = wanted.tracks.get(party.subject);
    return track ? [{ party, track, ageS: wanted.now - track.now.t }] : [];
  });
  const units = wanted.units.filter((unit) => unit.lon !== null && unit.lat !== null);
  const areas: Feature[] = [];
  const lines: Feature[] = [];
  const points: Feature[] = [];
  for (const { party, track, ageS } of seen) {
    const old = isOld(ageS, PROMISE_S.position);
    areas.push(polygon(circle(track.now, Math.max(5, within95(track.now.sigma_m)), party.quiet ? 12 : 48), { side: party.side, quiet: party.quiet, old }));
    if (!party.quiet && track.trail.length > 1) lines.push(trail(track, party.side));
    const label = party.quiet ? '' : `${wanted.words.side(party.side)}\n${wanted.words[old ? 'silent' : 'age'](Math.max(0, ageS))}`;
    points.push(point(track.now, { side: party.side, icon: party.side, quiet: party.quiet, old, label }));
    if (!party.quiet && party.side === 'victim') {
      const around = rings(track.now, wanted);
      lines.push(...around.map(({ line }) => line));
      points.push(...around.map(({ name }) => name));
    }
  }
  const ahead = way(seen, wanted);
  lines.push(...ahead.lines);
  for (const unit of units) points.push(unitPoint(unit, wanted));
  points.push(...ahead.points);
  if (wanted.own) {
    areas.push(polygon(circle(wanted.own, Math.max(5, within95(wanted.own.sigma_m))), { side: 'own', quiet: true, old: false }));
    points.push(point(wanted.own, { side: 'own', icon: 'own', quiet: false, old: false, label: '' }));
  }
  return { areas: collection(areas), lines: collection(lines), points: collection(points), bounds: bounds(seen, wanted) };
}

function unitPoint(unit: UnitSight, wanted: Wanted): Feature {
  const here = unit.incident !== null && unit.incident === wanted.incident;
  const old = isOld(unit.age_s, PROMISE_S.unit);
  const eta = here && unit.eta_s !== null && unit.state !== 'on_scene' ? `\n${wanted.words.eta(unit.eta_s)}` : '';
  return point({ lon: unit.lon ?? 0, lat: unit.lat ?? 0 }, {
    side: unit.kind, icon: unit.kind, quiet: !here, old, label: here ? `${unit.callsign}${eta}` : '',
  });
}

interface Ring {
  readonly line: Feature;
  readonly name: Feature;
}

function rings(at: Place, { radius, approach, own, words }: Wanted): Ring[] {
  const top = own ? toward(at, own) : NORTH;
  const banned = radius === null ? [] : [ring(at, radius, top, 'banned', words.metres(radius))];
  const metres = RINGS_M.filter((one) => one > (radius ?? 0)).map((one) => ring(at, one, top, 'ring', words.metres(one)));
  const minutes = minuteRings(approach)
    .map((one) => ring(at, one.radius, SOUTH, 'minutes', words.minutes(one.minutes, approach?.assumed ?? false)));
  return [...banned, ...metres, ...minutes];
}

type Direction = readonly [east: number, north: number];

/** Metres are named at the top of their ring, minutes at its foot: neither lies on the other. Whoever goes there reads them
 * on the own side. */
const NORTH: Direction = [0, 1];
const SOUTH: Direction = [0, -1];

function toward(from: Place, to: Place): Direction {
  const [east, north] = offset(from, to);
  const all = Math.hypot(east, north);
  return all > 0 ? [east / all, north / all] : NORTH;
}

function ring(at: Place, metres: number, [east, north]: Direction, kind: 'banned' | 'ring' | 'minutes', label: string): Ring {
  const line: Feature = { type: 'Feature', properties: { kind, label }, geometry: { type: 'LineString', coordinates: circle(at, metres, 96) } };
  return { line, name: point(shifted(at, metres * east, metres * north), { ring: kind, label }) };
}

/** The straight way he has left, and the mark where somebody meets him on it. */
function way(seen: readonly Seen[], { approach, units, incident, words }: Wanted): { readonly lines: Feature[]; readonly points: Feature[] } {
  const [his, hers] = (['offender', 'victim'] as const).map((side) => seen.find(({ party }) => !party.quiet && party.side === side)?.track.now);
  if (!his || !hers || !approach || approach.assumed) return { lines: [], points: [] };
  const coordinates = [his, hers].map((one) => [one.lon, one.lat]);
  const met = meeting(his, hers, approach, units.filter((unit) => unit.incident === incident));
  return {
    lines: [{ type: 'Feature', properties: { kind: 'way' }, geometry: { type: 'LineString', coordinates } }],
    points: met ? [point(met.at, { side: 'own', icon: 'meet', quiet: false, old: false, label: words.meets(met.callsign, met.seconds) })] : [],
  };
}

function trail(track: Track, side: Side): Feature {
  const coordinates = track.trail.map((one) => [one.lon, one.lat]);
  return { type: 'Feature', properties: { kind: 'trail', side }, geometry: { type: 'LineString', coordinates } };
}

function point(at: Place, properties: Properties): Feature {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [at.lon, at.lat] } };
}

function polygon(ring: [number, number][], properties: Properties): Feature {
  return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [ring] } };
}

function collection(features: Feature[]): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features };
}

/** Units on their way and near enough that the pair stays large. */
function coming([to, from]: readonly Place[], { units, incident }: Wanted): Place[] {
  if (!to || incident === null) return [];
  const reach = Math.max(COMING_M, from ? 2 * distance(to, from) : 0);
  return units.flatMap(({ lon, lat, incident: theirs }) => {
    const place = lon === null || lat === null ? null : { lon, lat };
    return place && theirs === incident && distance(to, place) < reach ? [place] : [];
  });
}

/** The chosen pair with both doubts, the ring between them, one's own place; never nearer than 300 m across. */
function bounds(seen: readonly Seen[], wanted: Wanted): Bounds | null {
  const held = seen.filter((one) => !one.party.quiet);
  const corners = held.flatMap(({ track, party }) => {
    const reach = Math.max(150, within95(track.now.sigma_m), party.side === 'victim' ? (wanted.radius ?? 0) : 0);
    return [shifted(track.now, -reach, -reach), shifted(track.now, reach, reach)];
  });
  if (held.length > 0 && wanted.own) corners.push(wanted.own);
  corners.push(...coming(held.map(({ track }) => track.now), wanted));
  if (corners.length === 0) return null;
  const lons = corners.map((one) => one.lon);
  const lats = corners.map((one) => one.lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
