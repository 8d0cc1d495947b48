/** Promises of the officer's terminal. */
import { describe, expect, test } from 'vitest';
import { leavingOf, PLACES, placesOf } from '../src/apps/field/buttons';
import { Refusal } from '../src/protocol/http';
import { IDLE, pressed, recovered, reduce } from '../src/state/field';
import { Outbox } from '../src/state/outbox';
import { message, position, tasking } from './made';

const order = (toward: 'victim' | 'offender') => message({ kind: 'tasking', body: tasking(toward) });
const both = { type: 'target' as const, incident: 'i1', positions: [position('i1-o', 100), position('i1-v', 100, { lat: 37.6 })] };

describe('the terminal', () => {
  test('of the officer beside the wearer never holds where she is', () => {
    const field = reduce(reduce(IDLE, order('offender')), both);
    expect(field.target?.subject).toBe('i1-o');
    expect(JSON.stringify(field)).not.toContain('37.6');
  });

  test('of the officer on the way to her holds no position of his', () => {
    const field = reduce(reduce(IDLE, order('victim')), both);
    expect(field.target?.subject).toBe('i1-v');
    expect(JSON.stringify(field)).not.toContain('37.5');
  });

  test('keeps nothing when the incident closes, or the tasking ends', () => {
    const going = reduce(reduce(IDLE, order('victim')), both);
    const closed = reduce(going, message({ kind: 'incident_closed', body: { incident: 'i1', at: 200 } }));
    expect(closed).toEqual({ task: null, waiting: [], target: null, ended: { why: 'closed', at: 100 } });
    expect(pressed(going, 'cleared', 300).target).toBeNull();
    expect(pressed(going, 'rejected', 300).task).toBeNull();
  });

  test('takes no target of another incident', () => {
    const field = reduce(IDLE, order('victim'));
    expect(reduce(field, { ...both, incident: 'i2' })).toBe(field);
  });

  test('an order that comes again, recorded, loses no step the officer has taken', () => {
    const going = pressed(reduce(IDLE, order('victim')), 'accepted', 110);
    expect(reduce(going, order('victim')).task?.state).toBe('accepted');
  });

  test('a second order waits for the first to end', () => {
    const second = message({ kind: 'tasking', body: tasking('victim', { tasking: 't2' }) }, 'i2', 2);
    const held = reduce(reduce(IDLE, order('victim')), second);
    expect(held.task?.body.tasking).toBe('t1');
    expect(pressed(held, 'cleared', 1).task?.body.tasking).toBe('t2');
  });

  test('offers no step the desk would refuse', () => {
    const next = {
      tasked: ['accepted', 'rejected'], accepted: ['en_route', 'on_scene', 'rejected'], en_route: ['on_scene', 'rejected'],
      on_scene: ['cleared'],
    } as const;
    for (const [state, allowed] of Object.entries(next)) {
      const open = placesOf(state as keyof typeof next).flatMap((one) => (one?.open ? [one.step] : []));
      const offered = [...open, leavingOf(state as keyof typeof next)];
      expect(offered.sort()).toEqual([...allowed].sort());
    }
  });

  test('what ends an order never stands where a step has been, and each step has one place for good', () => {
    const leaving = (['tasked', 'accepted', 'en_route', 'on_scene', 'cleared'] as const).map(leavingOf);
    for (const place of PLACES) for (const step of place) expect(leaving).not.toContain(step);
    expect(new Set(PLACES.flat()).size).toBe(PLACES.flat().length);
    for (const state of ['tasked', 'accepted', 'en_route', 'on_scene'] as const) {
      placesOf(state).forEach((one, at) => {
        if (one) expect(PLACES[at]).toContain(one.step);
      });
    }
  });

  test('says that an order under way became graver, and goes on from the step that was taken', () => {
    const going = pressed(reduce(IDLE, order('victim')), 'en_route', 110);
    const body = tasking('victim', { code: 'A02', raised: { from: 1, to: 0 } });
    const graver = reduce(going, { ...message({ kind: 'tasking', body }, 'i1', 2), at: 130 });
    expect(graver.task).toMatchObject({ state: 'en_route', raised: { from: 1, to: 0, at: 130 }, at: 100 });
    expect(graver.task?.body.code).toBe('A02');
    expect(reduce(graver, order('victim')).task?.raised?.to).toBe(0);
  });

  test('opened anew, takes the step from the record, and never back over one pressed since', () => {
    const fresh = reduce(IDLE, order('victim'));
    expect(recovered(fresh, 't1', 'en_route').task?.state).toBe('en_route');
    expect(recovered(pressed(fresh, 'on_scene', 1), 't1', 'accepted').task?.state).toBe('on_scene');
    expect(recovered(fresh, 't1', 'superseded')).toBe(fresh);
    expect(recovered(fresh, 't2', 'accepted')).toBe(fresh);
  });
});

describe('what was pressed without a network', () => {
  test('waits in order, is sent once, and a refusal is said and does not block', async () => {
    const outbox = new Outbox();
    let reachable = false;
    const sent: string[] = [];
    const press = (name: string, status = 0) =>
      outbox.add(name, 't1', () => {
        if (!reachable) return Promise.reject(new Refusal(0, 'unreachable', '', ''));
        sent.push(name);
        return status ? Promise.reject(new Refusal(status, 'conflict', 'no', '')) : Promise.resolve();
      });
    press('accepted');
    press('en_route', 409);
    press('on_scene');
    await outbox.flush();
    expect(outbox.waiting.get()).toHaveLength(3);
    reachable = true;
    await outbox.flush();
    expect(sent).toEqual(['accepted', 'en_route', 'on_scene']);
    expect(outbox.waiting.get()).toEqual([]);
    expect(outbox.refused.get()).toBe('en_route');
  });

  test('is forgotten with its tasking', () => {
    const outbox = new Outbox();
    outbox.add('accepted', 't1', () => Promise.reject(new Refusal(0, 'unreachable', '', '')));
    outbox.forget('t1');
    expect(outbox.waiting.get()).toEqual([]);
  });
});
