/** Promises of what a room knows. */
import { describe, expect, test } from 'vitest';
import { contactOf } from '../src/state/contact';
import { notices, standing } from '../src/state/notices';
import { before, found, rows, stepped, type Row } from '../src/state/queue';
import { earlier, EMPTY, gathered, read, recorded, reduce } from '../src/state/room';
import { asked, next } from '../src/state/turns';
import { alertBody, message, overview, pair, position, sight, tasked, unit } from './made';

const target = (t: number, incident = 'i1') => ({
  type: 'target' as const, incident, positions: [position(`${incident}-o`, t), position(`${incident}-v`, t)],
});

describe('a room', () => {
  test('keeps nothing of an incident that has closed: no row, no word, no distance, no position, no trail', () => {
    let room = read(EMPTY, overview(sight('i1'), sight('i2')));
    room = [message({ kind: 'alert', body: alertBody() }), target(1), target(2, 'i2'), pair('i1')].reduce(reduce, room);
    room = reduce(room, message({ kind: 'incident_closed', body: { incident: 'i1', at: 200 } }));
    expect(JSON.stringify([...room.sights, ...room.said, ...room.alerts, ...room.pairs, ...room.tracks])).not.toContain('i1');
    expect(room.tracks.get('i2-o')).toBeDefined();
  });

  test('what was closed while the line was cut goes with the next reading of the queue', () => {
    let room = read(EMPTY, overview(sight('i1')));
    room = reduce(reduce(room, target(1)), message({ kind: 'alert', body: alertBody() }));
    room = read(room, overview());
    expect([...room.sights, ...room.said, ...room.tracks]).toEqual([]);
  });

  test('an older position never replaces a newer one, and a trail is ten minutes long', () => {
    let room = reduce(EMPTY, target(1000));
    room = reduce(room, target(900));
    expect(room.tracks.get('i1-o')?.now.t).toBe(1000);
    room = reduce(room, target(1000 + 601));
    expect(room.tracks.get('i1-o')?.trail).toHaveLength(1);
  });

  test('of thousands who move each keeps the newest of their places, and what was held before is left as it was', () => {
    const all = (t: number) => Array.from({ length: 3000 }, (_, n) => target(t, `i${n}`));
    const room = gathered(EMPTY, all(1));
    const later = all(2).slice(0, 700).reduce((known, frame) => gathered(known, [frame]), room);
    expect([...later.tracks]).toHaveLength(6000);
    expect([...later.tracks].filter(([, { now }]) => now.t === 2)).toHaveLength(1400);
    expect(later.tracks.get('i699-o')?.trail.map(({ t }) => t)).toEqual([1, 2]);
    expect([...room.tracks].every(([, { now }]) => now.t === 1)).toBe(true);
  });

  test('an alert told before it was recorded is there once when its record comes', () => {
    let room = reduce(EMPTY, message({ kind: 'alert', body: alertBody() }, 'i1', null));
    room = reduce(room, message({ kind: 'alert', body: alertBody() }, 'i1', 7));
    expect(room.said.get('i1')).toHaveLength(1);
    expect(room.said.get('i1')?.[0]?.message.recorded).toBe(true);
  });
});

describe('the queue', () => {
  test('shows what nobody owns first, then the nearest contact, and drops no row', () => {
    const owner = { agency: 'police', name: 'a', at: 1 };
    let room = read(EMPTY, overview(sight('owned', { owners: [owner] }), sight('far'), sight('near'), sight('unknown')));
    room = [pair('owned', { time_to_contact_s: 1 }), pair('far', { time_to_contact_s: 500 }), pair('near', { time_to_contact_s: 20 })].reduce(reduce, room);
    expect(rows(room, 'police').map((row) => row.sight.id)).toEqual(['near', 'far', 'unknown', 'owned']);
    expect(rows(room, 'centre').map((row) => row.owned)).toEqual([false, false, false, false]);
  });

  test('never puts an unowned P0 or P1 below a P2 or P3, however near that is', () => {
    const every = [0, 1, 2, 3].flatMap((priority) => [true, false].flatMap((owned) => [null, 5, 500].map((seconds): Row => ({
      sight: sight(`${priority}${owned}${seconds}`, { priority }), pair: null, owned, contact: seconds === null ? null : { seconds, walking: false },
    }))));
    for (const urgent of every.filter((one) => !one.owned && one.sight.priority <= 1)) {
      for (const task of every.filter((one) => one.sight.priority > 1)) expect(before(urgent, task)).toBeLessThan(0);
      for (const taken of every.filter((one) => one.owned)) expect(before(urgent, taken)).toBeLessThan(0);
    }
  });

  test('a call for help whose time nobody knows is not a late one, and a tie goes to the graver, then the older', () => {
    const row = (id: string, seconds: number | null, more: object): Row => ({
      sight: sight(id, more), pair: null, owned: false, contact: seconds === null ? null : { seconds, walking: false },
    });
    const all = [row('later', 90, { opened_at: 9 }), row('graver', 90, { priority: 0 }), row('panic', null, { priority: 0 }), row('older', 90, { opened_at: 8 })];
    expect(all.sort(before).map((one) => one.sight.id)).toEqual(['panic', 'graver', 'older', 'later']);
  });

  test('moves by one row and stays at its ends', () => {
    const all = rows(read(EMPTY, overview(sight('a', { priority: 0 }), sight('b'))), 'police');
    expect(stepped(all, null, 1)).toBe('a');
    expect(stepped(all, 'a', 1)).toBe('b');
    expect(stepped(all, 'b', 1)).toBe('b');
    expect(stepped([], null, 1)).toBeNull();
  });

  test('finds by code and label', () => {
    const all = rows(read(EMPTY, overview(sight('a', { offender_label: '김○○' }), sight('b', { code: 'A01' }))), 'police');
    expect(found(all, '김').map((row) => row.sight.id)).toEqual(['a']);
    expect(found(all, 'a01').map((row) => row.sight.id)).toEqual(['b']);
    expect(found(all, ' ')).toHaveLength(2);
  });
});

describe('the time to contact', () => {
  test('is called a walk wherever nobody comes as fast as it says', () => {
    expect(contactOf(pair('i', { distance_m: 400, closing_mps: 10, time_to_contact_s: 40 }))).toEqual({ seconds: 40, walking: false });
    expect(contactOf(pair('i', { distance_m: 140, closing_mps: 0.7, time_to_contact_s: 100, assumed: false }))?.walking).toBe(true);
    expect(contactOf(pair('i', { closing_mps: -2, assumed: true }))?.walking).toBe(true);
    expect(contactOf(pair('i', { closing_mps: null, assumed: true }))?.walking).toBe(true);
    expect(contactOf(pair('i', { time_to_contact_s: null }))).toBeNull();
    expect(contactOf(null)).toBeNull();
  });
});

describe('a silence', () => {
  const after = (...ages: [at: number, age: number | null][]) =>
    gathered(EMPTY, ages.map(([at, age]) => pair('i1', { at, victim_age_s: age, offender_age_s: 1 }))).silences.get('i1') ?? [];

  test('begins with the last position and ends with the next one', () => {
    expect(after([100, 10], [150, 60])).toEqual([]);
    expect(after([100, 10], [151, 61], [152, 62])).toEqual([{ side: 'victim', since: 90, until: null }]);
    expect(after([100, 10], [151, 61], [200, 110], [201, 1])).toEqual([{ side: 'victim', since: 90, until: 200 }]);
  });

  test('goes on where a position comes that is old itself, and nobody never seen falls silent', () => {
    expect(after([151, 61], [300, 70])).toEqual([{ side: 'victim', since: 90, until: 230 }, { side: 'victim', since: 230, until: null }]);
    expect(after([100, null], [200, null])).toEqual([]);
  });

  test('of ours is known by its role, and ends with the beat that does not name it', () => {
    const behind = reduce(EMPTY, { type: 'beat', at: 1, facts_age_s: 0, behind: { detect: 4.2 } });
    expect(behind.behind).toEqual({ detect: 4.2 });
    expect(reduce(behind, { type: 'beat', at: 2, facts_age_s: 0 }).behind).toEqual({});
  });
});

describe('notices', () => {
  const told = (priority: number, at: number, who: string) => ({
    ...message({ kind: 'alert', body: alertBody({ alert: `${who}${at}`, code: 'A08', priority, offender_id: `${who}-o`, victim_id: `${who}-v`,
      order: { id: 'o', regime: 'kr', article: 'x', arrestable: true } }) }, null, at), at,
  });
  const matched = message({ kind: 'page', body: { why: 'order-matched', at: 100 } }, null, 50);
  const open = (...sights: Parameters<typeof overview>) => rows(read(EMPTY, overview(...sights)), 'police');

  test('are all kept, the newest first, those told before this page was opened too, each once', () => {
    const room = [told(2, 10, 'a'), told(2, 20, 'b')].reduce(reduce, EMPTY);
    const earliest = recorded({ seq: 5, at: 5, kind: 'page', body: { why: 'order-matched', at: 5 } }, null);
    const both = earlier(room, [{ seq: 20, at: 20, kind: 'alert', body: {} }, { seq: 5, at: 5, kind: 'page', body: { why: 'order-matched', at: 5 } }]);
    expect(notices(both).map((one) => one.at)).toEqual([20, 10, 5]);
    expect(both.notices.at(-1)?.message).toEqual(earliest);
  });

  test('what the queue shows stands over it no more, and nothing of less weight stands over an unowned call', () => {
    const all = notices([told(2, 10, 'i1'), told(2, 20, 'i2'), matched].reduce(reduce, EMPTY));
    const shown = (...sights: Parameters<typeof overview>) => standing(all, open(...sights), 110).map(({ message: one }) => one.seq);
    expect(shown()).toEqual([20, 10, 50]);
    expect(shown(sight('i1', { priority: 2 }))).toEqual([20, 50]);
    expect(shown(sight('i3', { priority: 1 }))).toEqual([]);
    expect(shown(sight('i3', { priority: 1, owners: [{ agency: 'police', name: 'a', at: 1 }] }))).toEqual([20, 10, 50]);
    expect(standing(all, [], 10_000)).toEqual([]);
  });
});

describe('whose turn it is', () => {
  test('is counted for each way, in the order in which they were asked', () => {
    const turns = asked([tasked('c', 'victim', 30), tasked('a', 'victim', 10), tasked('b', 'offender', 20)]);
    expect([turns.get('a'), turns.get('b'), turns.get('c')]).toEqual([1, 1, 2]);
  });

  test('goes to the nearest free unit of a kind that was not asked, one without a place last', () => {
    const tracks = gathered(EMPTY, [{ type: 'target', incident: 'i1', positions: [position('he', 1, { lon: 127.1 }), position('she', 1)] }]).tracks;
    const whole = { taskings: [tasked('x', 'victim', 1, 'u1')], offender: 'he', victim: 'she' };
    const units = [
      unit('u1'), unit('far', { lon: 127.05 }), unit('near', { lon: 127.01 }), unit('nowhere', { lon: null, lat: null }), unit('busy', { status: 'busy' }),
      unit('his', { kind: 'probation', lon: 127.1 }),
    ];
    const found = next(units, whole, tracks);
    expect(found.map((one) => [one.unit.unit, one.turn])).toEqual([['near', 1], ['far', 2], ['nowhere', 3], ['his', 1]]);
    expect(found.map((one) => (one.away === null ? null : Math.round(one.away / 100)))).toEqual([9, 44, null, 0]);
  });
});
