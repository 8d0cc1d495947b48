/** Promises of what a terminal forgets when it may know no longer. */
import { describe, expect, test } from 'vitest';
import type { Withheld } from '../src/protocol/frames';
import { type Field, IDLE, reduce as heard } from '../src/state/field';
import { EMPTY, read, reduce, type Room } from '../src/state/room';
import { fileTurnOf, turnOf } from '../src/state/withheld';
import { alertBody, message, overview, pair, position, sight, tasking, unit } from './made';

const WELCOME = { type: 'welcome' as const, seq: 2, after: 2, at: 200, open: [] };

function withheld(more: Partial<Withheld> = {}): Withheld {
  return { type: 'withheld', at: 300, subjects: [], positions: [], incidents: [], anew: false, ...more };
}

function working(): Room {
  const room = read(EMPTY, overview(sight('i1'), sight('i2')));
  return [
    message({ kind: 'alert', body: alertBody({ distance_m: 4321, reason: { rule: 'ring', radius_m: 4321 } }) }),
    message({ kind: 'alert', body: alertBody({ alert: 'a0', distance_m: 4321 }) }, null, 2),
    { type: 'target' as const, incident: 'i1', positions: [position('i1-o', 1), position('i1-v', 1, { lat: 37.4321 })] },
    { type: 'target' as const, incident: 'i2', positions: [position('i2-v', 1)] },
    pair('i1', { distance_m: 4321 }), pair('i2'),
    { type: 'units' as const, at: 1, units: [unit('u', { incident: 'i1', distance_m: 4321, eta_s: 4321 }), unit('w', { incident: 'i2', distance_m: 7 })] },
  ].reduce(reduce, room);
}

describe('a room that may know somebody no longer', () => {
  test('keeps neither where they are nor how far from anybody, and everybody else', () => {
    const room = reduce(working(), withheld({ subjects: ['i1-v'], positions: ['i1-v'] }));
    const left = JSON.stringify([...room.tracks, ...room.pairs, ...room.said, ...room.alerts, ...room.notices, ...room.units, ...room.silences]);
    expect(left).not.toContain('4321');
    expect(room.tracks.get('i1-v')).toBeUndefined();
    expect(room.tracks.get('i1-o')).toBeDefined();
    expect(room.tracks.get('i2-v')).toBeDefined();
    expect(room.pairs.has('i2')).toBe(true);
    expect(room.units.map((one) => one.distance_m)).toEqual([null, 7]);
  });

  test('reads anew what names them, at once, and nothing for somebody it does not show', () => {
    const room = working();
    expect(reduce(room, withheld({ subjects: ['i1-o'] })).stale).toBe(room.stale + 1);
    expect(reduce(room, withheld({ subjects: ['stranger'] })).stale).toBe(room.stale);
  });

  test('tells whoever shows a file that it must ask again: of that person, or of everybody', () => {
    const room = reduce(working(), withheld({ subjects: ['a'] }));
    expect([turnOf(room.forgotten, ['a']), turnOf(room.forgotten, ['b', null])]).toEqual([1, 0]);
    const anew = reduce(room, withheld({ anew: true }));
    expect([turnOf(anew.forgotten, ['a']), turnOf(anew.forgotten, ['b'])]).toEqual([2, 1]);
  });

  test('has nothing left of an incident that is none of theirs any more, nor of what was told beside it', () => {
    const room = reduce(working(), withheld({ incidents: ['i1'] }));
    expect(JSON.stringify([...room.sights, ...room.said, ...room.alerts, ...room.pairs, ...room.tracks, ...room.notices])).not.toMatch(/i1|a0/);
    expect(room.sights.has('i2')).toBe(true);
  });

  test('shows nothing of a number of its own case', () => {
    const room = working();
    expect(reduce(room, message({ kind: 'withheld', body: {} }, null, 9))).toBe(room);
  });
});

describe('an officer who may know somebody no longer', () => {
  const sent: Field = heard(IDLE, message({ kind: 'tasking', body: tasking('victim') }));

  test('is led nowhere, and keeps the order', () => {
    expect(sent.target).not.toBeNull();
    const field = heard(sent, withheld({ subjects: ['i1-v'], positions: ['i1-v'] }));
    expect([field.target, field.task?.body.tasking]).toEqual([null, 't1']);
    expect(heard(sent, withheld({ positions: ['i1-o'] })).target).toEqual(sent.target);
  });

  test('has no order any more in what is none of theirs', () => {
    const field = heard(sent, withheld({ incidents: ['i1'] }));
    expect([field.task, field.target]).toEqual([null, null]);
  });
});

describe('a line that comes back, which nobody tells what ended while it was cut', () => {
  test('keeps of a room its incidents, and nobody\'s place or trail until it is said again', () => {
    const room = reduce(working(), WELCOME);
    expect([...room.tracks]).toEqual([]);
    expect([...room.sights.keys()]).toEqual(['i1', 'i2']);
    expect(room.stale).toBe(working().stale + 1);
    const again = reduce(room, { type: 'target', incident: 'i2', positions: [position('i2-v', 1)] });
    expect([...again.tracks].map(([subject, { trail }]) => [subject, trail.length])).toEqual([['i2-v', 1]]);
  });

  test('leaves the queue in its order, and forgets how near they are of whom nothing is said again', () => {
    const room = [WELCOME, pair('i2', { at: 201 })].reduce(reduce, working());
    expect([...room.pairs.keys()]).toEqual(['i1', 'i2']);
    const units = reduce(room, { type: 'units', at: 201, units: [] });
    expect([...units.pairs.keys()]).toEqual(['i2']);
    expect(reduce(units, { type: 'units', at: 202, units: [] }).pairs).toBe(units.pairs);
  });

  test('has an open file read anew, and no incident taken from under who writes in it', () => {
    const [before, after] = [working().forgotten, reduce(working(), WELCOME).forgotten];
    expect(fileTurnOf(after, ['i1-v'])).toBe(fileTurnOf(before, ['i1-v']) + 1);
    expect(turnOf(after, ['i1-v'])).toBe(turnOf(before, ['i1-v']));
  });

  test('leads an officer nowhere until it is said again, and keeps the order', () => {
    const sent: Field = heard(IDLE, message({ kind: 'tasking', body: tasking('victim') }));
    const field = heard(sent, WELCOME);
    expect([field.target, field.task?.body.tasking]).toEqual([null, 't1']);
    expect(heard(field, { type: 'target', incident: 'i1', positions: [position('i1-v', 1)] }).target?.subject).toBe('i1-v');
  });
});
