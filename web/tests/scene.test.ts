/** Promises of what the map draws. */
import { expect, test } from 'vitest';
import { meeting, minuteRings } from '../src/map/approach';
import { scene, type Wanted } from '../src/map/scene';
import type { UnitSight } from '../src/protocol/frames';
import { distance, shifted } from '../src/state/geo';
import { Tracks } from '../src/state/tracks';
import { position } from './made';

const words = { side: (side: string) => side, age: (s: number) => `${s}`, silent: (s: number) => `none ${s}`, eta: (s: number) => `${s}`, metres: (m: number) => `${m}`,
  minutes: (n: number, assumed: boolean) => `${n} min${assumed ? ' walk' : ''}`, meets: (who: string, s: number) => `${who} ${Math.round(s)}` };

function wanted(more: Partial<Wanted> = {}): Wanted {
  const tracks = new Tracks().moved([position('o', 90, { lat: 37.51 })]).moved([position('o', 100), position('v', 100, { sigma_m: 50 })]);
  return {
    tracks, parties: [{ subject: 'o', side: 'offender', quiet: false }, { subject: 'v', side: 'victim', quiet: false }],
    units: [], incident: 'i1', radius: 100, approach: null, own: null, now: 105, words, ...more,
  };
}

test('nobody is a sharp dot: each has the disc of the doubt', () => {
  const { areas, points } = scene(wanted());
  expect(areas.features).toHaveLength(2);
  expect(points.features.filter((one) => one.properties?.icon)).toHaveLength(2);
});

test('the banned ring and the metres around her are drawn, with their names', () => {
  const labels = scene(wanted()).lines.features.flatMap((one) => (one.properties?.label ? [one.properties.label as string] : []));
  expect(labels).toEqual(['100', '500', '1000', '2000']);
});

test('somebody nobody follows is not drawn, and frames nothing', () => {
  const empty = scene(wanted({ tracks: new Tracks() }));
  expect([...empty.areas.features, ...empty.points.features]).toEqual([]);
  expect(empty.bounds).toBeNull();
});

test('what is old is marked as old', () => {
  const marked = (now: number) => scene(wanted({ now })).points.features.flatMap((one) => (one.properties?.icon ? [one.properties.old as boolean] : []));
  expect(marked(105)).toEqual([false, false]);
  expect(marked(200)).toEqual([true, true]);
});

test('the rest of the country is quiet: no names, no trails, no frame', () => {
  const quiet = scene(wanted({ parties: [{ subject: 'o', side: 'offender', quiet: true }] }));
  expect(quiet.points.features[0]?.properties?.label).toBe('');
  expect(quiet.lines.features).toEqual([]);
  expect(quiet.bounds).toBeNull();
});

const hers = { lon: 127, lat: 37.5 };
const his = shifted(hers, 3000, 0);
const closing = { distance_m: 3000, time_to_contact_s: 300, assumed: false };

function unit(east: number, more: Partial<UnitSight> = {}): UnitSight {
  const { lon, lat } = shifted(hers, east, 0);
  return { unit: 'u', kind: 'police', callsign: 'P-1', status: 'busy', lon, lat, age_s: 1, incident: 'i1', toward: 'victim',
    state: 'en_route', distance_m: 500, eta_s: 50, ...more };
}

test('rings in minutes are where he is that long before he reaches her', () => {
  expect(minuteRings(closing)).toEqual([{ minutes: 1, radius: 600 }, { minutes: 5, radius: 3000 }]);
  expect(minuteRings({ ...closing, time_to_contact_s: null })).toEqual([]);
  expect(minuteRings(null)).toEqual([]);
});

test('whoever is under way meets him where neither comes too late', () => {
  const met = meeting(his, hers, closing, [unit(0)]);
  expect(met && distance(met.at, hers)).toBeCloseTo(1500, -2);
  expect(met?.seconds).toBeCloseTo(150, -1);
});

test('there is no meeting with a unit that stands or was only asked, nor while he does not close', () => {
  expect(meeting(his, hers, closing, [unit(0, { state: 'tasked' }), unit(0, { state: 'on_scene' })])).toBeNull();
  expect(meeting(his, hers, { ...closing, assumed: true }, [unit(0)])).toBeNull();
  expect(meeting(his, hers, closing, [unit(-9000)])).toBeNull();
});

test('an officer reads a ring\'s metres on the own side of it', () => {
  const names = (own: Wanted['own']) => scene(wanted({ own })).points.features.filter((one) => one.properties?.ring === 'banned')
    .map((one) => (one.geometry as GeoJSON.Point).coordinates[1] ?? 0);
  expect(names(null)[0]).toBeGreaterThan(37.5);
  expect(names({ lon: 127, lat: 37.49, sigma_m: 10 })[0]).toBeLessThan(37.5);
});

test('the way he has left and the meeting are drawn while he closes, and only then', () => {
  const kinds = (assumed: boolean) => scene(wanted({
    tracks: new Tracks().moved([position('o', 100, his), position('v', 100, hers)]), approach: { ...closing, assumed }, units: [unit(0)],
  }));
  const drawn = kinds(false);
  expect(drawn.lines.features.map((one) => one.properties?.kind as string)).toContain('way');
  expect(drawn.points.features.map((one) => one.properties?.label as string)).toContain('P-1 150');
  expect(drawn.points.features.map((one) => one.properties?.label as string)).toContain('5 min');
  expect(kinds(true).lines.features.map((one) => one.properties?.kind as string)).not.toContain('way');
});
