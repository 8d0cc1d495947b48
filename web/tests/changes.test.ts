/** Promises of what the map is told when people move. */
import { expect, test } from 'vitest';
import { changed, numbered } from '../src/map/changes';
import { scene, type Wanted } from '../src/map/scene';
import { Tracks } from '../src/state/tracks';
import { position } from './made';

const words = { side: (side: string) => side, age: (s: number) => `${s}`, silent: (s: number) => `none ${s}`, eta: String, metres: String,
  minutes: String, meets: (who: string) => who };
const MANY = Array.from({ length: 50 }, (_, n) => `o${n}`);
const STOOD = new Tracks().moved([...MANY.map((id, n) => position(id, 100, { lon: 127 + n / 100 })), position('v', 100)]);

function drawn(tracks: Tracks, more: Partial<Wanted> = {}) {
  const parties = MANY.map((subject) => ({ subject, side: 'offender' as const, quiet: true }));
  return scene({
    tracks, parties: [...parties, { subject: 'v', side: 'victim', quiet: false }], units: [], incident: 'i1', radius: 100,
    approach: null, own: null, now: 105, words, ...more,
  });
}

test('only whoever moved is told, under the place they have among all', () => {
  const [before, after] = [drawn(STOOD), drawn(STOOD.moved([position('o7', 101, { lon: 128 })]))];
  expect(changed(before.points, after.points)?.map(({ id }) => id)).toEqual([7]);
  expect(changed(before.areas, after.areas)).toEqual([numbered(after.areas).features[7]]);
  expect(changed(before.lines, after.lines)).toEqual([]);
});

test('whoever reports from the same place costs the map nothing', () => {
  const again = STOOD.moved(MANY.map((id, n) => position(id, 101, { lon: 127 + n / 100 })));
  expect(changed(drawn(STOOD).points, drawn(again).points)).toEqual([]);
});

test('a second that passes changes only the words that say it', () => {
  const [before, after] = [drawn(STOOD), drawn(STOOD, { now: 106 })];
  expect(changed(before.points, after.points)?.map(({ properties }) => properties?.label as string)).toEqual(['victim\n6']);
  expect(changed(before.areas, after.areas)).toEqual([]);
});

test('somebody more or fewer is told as a whole: what lies over what is never guessed', () => {
  const fewer = drawn(STOOD.only(new Set(['v', ...MANY.filter((id) => id !== 'o7')])));
  expect(changed(drawn(STOOD).points, fewer.points)).toBeNull();
});

test('what was told and what followed make the whole that is drawn, none lost and none moved', () => {
  const later = STOOD.moved([position('o0', 101, { lat: 37.6 }), position('o49', 102, { sigma_m: 80 })]);
  for (const name of ['areas', 'lines', 'points'] as const) {
    const held = new Map(numbered(drawn(STOOD)[name]).features.map((one) => [one.id, one]));
    changed(drawn(STOOD)[name], drawn(later, { now: 200 })[name])?.forEach((one) => held.set(one.id, one));
    expect([...held.values()]).toEqual(numbered(drawn(later, { now: 200 })[name]).features);
  }
});
