/** Promises of what the map draws. */
import { expect, test } from 'vitest';
import { scene, type Wanted } from '../src/map/scene';
import { moved } from '../src/state/tracks';
import { position } from './made';

const words = { side: (side: string) => side, age: (s: number) => `${s}`, eta: (s: number) => `${s}`, metres: (m: number) => `${m}` };

function wanted(more: Partial<Wanted> = {}): Wanted {
  const tracks = moved(moved(new Map(), [position('o', 90, { lat: 37.51 })]), [position('o', 100), position('v', 100, { sigma_m: 50 })]);
  return {
    tracks, parties: [{ subject: 'o', side: 'offender', quiet: false }, { subject: 'v', side: 'victim', quiet: false }],
    units: [], incident: 'i1', radius: 100, own: null, now: 105, words, ...more,
  };
}

test('nobody is a sharp dot: each has the disc of the doubt', () => {
  const { areas, points } = scene(wanted());
  expect(areas.features).toHaveLength(2);
  expect(points.features).toHaveLength(2);
});

test('the banned ring and the metres around her are drawn, with their names', () => {
  const labels = scene(wanted()).lines.features.flatMap((one) => (one.properties?.label ? [one.properties.label as string] : []));
  expect(labels).toEqual(['100', '500', '1000', '2000']);
});

test('somebody nobody follows is not drawn, and frames nothing', () => {
  const empty = scene(wanted({ tracks: new Map() }));
  expect([...empty.areas.features, ...empty.points.features]).toEqual([]);
  expect(empty.bounds).toBeNull();
});

test('what is old is marked as old', () => {
  const marked = (now: number) => scene(wanted({ now })).points.features.map((one) => one.properties?.old as boolean);
  expect(marked(105)).toEqual([false, false]);
  expect(marked(200)).toEqual([true, true]);
});

test('the rest of the country is quiet: no names, no trails, no frame', () => {
  const quiet = scene(wanted({ parties: [{ subject: 'o', side: 'offender', quiet: true }] }));
  expect(quiet.points.features[0]?.properties?.label).toBe('');
  expect(quiet.lines.features).toEqual([]);
  expect(quiet.bounds).toBeNull();
});
