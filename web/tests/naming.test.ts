/** Promises of the names on the map. */
import { expect, test } from 'vitest';
import { type Area, named, type Spot, within } from '../src/map/naming';

const box = (west: number, south: number, east: number, north: number) => [[west, south], [east, south], [east, north], [west, north], [west, south]];
const area = (level: Area['level'], name: string, ...rings: number[][][]): Area => ({ level, name, polygons: [rings] });
const WIDE = 160;
const SPOTS: readonly Spot[] = Array.from({ length: 256 }, (_, at) => {
  const [x, y] = [(at % 16) * 10 + 5, Math.floor(at / 16) * 10 + 5];
  return { x, y, lon: x, lat: WIDE - y };
});

test('a place lies in what holds it, the largest first, and not in a hole', () => {
  const areas = [area('emd', '읍', box(0, 0, 10, 10)), area('sido', '도', box(-99, -99, 99, 99), box(50, 50, 60, 60)), area('sigungu', '군', box(0, 0, 50, 50))];
  expect(within(areas, { lon: 5, lat: 5 })).toEqual(['도', '군', '읍']);
  expect(within(areas, { lon: 20, lat: 5 })).toEqual(['도', '군']);
  expect(within(areas, { lon: 55, lat: 55 })).toEqual([]);
});

test('a division that fills the view is named once, in it, and not where people are', () => {
  const names = named([area('sigungu', '군', box(-999, -999, 999, 999)), area('emd', '읍', box(-999, -999, 999, 999))], ['sigungu', 'emd'], SPOTS, WIDE, WIDE);
  expect(names.map((one) => one.name)).toEqual(['군', '읍']);
  for (const { x, y } of names) expect(Math.hypot(x - 80, y - 80)).toBeGreaterThan(24);
  const [first, second] = names;
  expect(first && second && Math.hypot(first.x - second.x, first.y - second.y)).toBeGreaterThan(24);
});

test('what is seen of two neighbours is named on its own side, and a sliver is not', () => {
  const areas = [area('emd', '서', box(-99, -99, 70, 999)), area('emd', '동', box(70, -99, 150, 999)), area('emd', '틈', box(150, -99, 999, 999))];
  const names = named(areas, ['emd'], SPOTS, WIDE, WIDE);
  expect(names.map((one) => one.name).sort()).toEqual(['동', '서']);
  expect(names.find((one) => one.name === '서')?.x).toBeLessThan(70);
});
