/** Promises of what a room knows. */
import { describe, expect, test } from 'vitest';
import { found, rows, stepped } from '../src/state/queue';
import { EMPTY, read, reduce } from '../src/state/room';
import { alertBody, message, overview, pair, position, sight } from './made';

const target = (t: number, incident = 'i1') => ({
  type: 'target' as const, incident, positions: [position(`${incident}-o`, t), position(`${incident}-v`, t)],
});

describe('a room', () => {
  test('keeps nothing of an incident that has closed: no row, no word, no distance, no position, no trail', () => {
    let room = read(EMPTY, overview(sight('i1'), sight('i2')));
    room = [message({ kind: 'alert', body: alertBody() }), target(1), target(2, 'i2'), pair('i1')].reduce(reduce, room);
    room = reduce(room, message({ kind: 'incident_closed', body: { incident: 'i1', at: 200 } }));
    expect(JSON.stringify([...room.sights, ...room.said, ...room.alerts, ...room.pairs, ...room.tracks])).not.toContain('i1');
    expect(room.tracks.has('i2-o')).toBe(true);
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
