/** Promises of consent's states, of a destruction's steps, and of names that are asked for once. */
import { describe, expect, test } from 'vitest';
import { unasked } from '../src/apps/access/names';
import { answers, ready, steps } from '../src/ui/steps';
import { pointOf, radiusOf } from '../src/apps/consent/places';
import { nameOf, open, renewed, stateOf, without } from '../src/apps/consent/yeses';
import type { Destruction, Yes } from '../src/protocol/http';
import { en } from '../src/ui/text/en';
import { ko } from '../src/ui/text/ko';

const yes = (more: Partial<Yes>): Yes => ({
  id: 'a', person: 'p', agency: 'x', recipient: 'y', data: ['person', 'order'], words: 'w', language: 'ko', version: 1, state: 'given',
  given_at: 0, ends_at: 100, changed_at: 0, ...more,
});
const ending = (more: Partial<Destruction>): Destruction => ({
  id: 'a', agency: 'x', person: 'p', event: 'acquitted', article: '제31조의8', data: ['order'], inquiry: true, confirmed: null, confirmed_by: null,
  asked_at: 1, asked_by: 'b', kept: [], asked: [],
  confirmed_at: null, held_until: null, held_article: null, decided_at: null, decided_by: null, carried_out: null, destroyed_at: null,
  keys: null, certified_at: null, ...more,
});
const states = (one: Destruction, now = 50) => steps(one, now).map((each) => `${each.step}:${each.state}`);

describe('a change', () => {
  test('holds what was written and nothing that was left empty', () => {
    expect(renewed('', ' ', '\n')).toEqual({});
    expect(renewed(' a ', '', ' 010-1 \n\n010-2')).toEqual({ label: 'a', telephones: ['010-1', '010-2'] });
    expect(renewed('', '1', '')).toEqual({ identifier: '1' });
  });
});

describe('a yes', () => {
  test('is never shown as shared once its time has passed or she took it back', () => {
    expect([stateOf(yes({}), 99), stateOf(yes({}), 100), stateOf(yes({ state: 'withdrawn' }), 0)]).toEqual(['given', 'over', 'withdrawn']);
    expect([open(yes({ state: 'paused' }), 0), open(yes({}), 100), open(yes({ state: 'withdrawn' }), 0)]).toEqual([true, false, false]);
  });

  test('is narrowed class by class, and the last one is taking it back', () => {
    expect(without(['person', 'order'], 'order')).toEqual(['person']);
    expect(without(['person'], 'person')).toBeNull();
  });

  test('every state has a word in both languages', () => {
    for (const t of [ko, en]) for (const state of ['given', 'narrowed', 'paused', 'withdrawn', 'over'] as const) expect(t.asked.yes.states[state]).toBeTruthy();
  });

  test('an agency nobody named is shown by the end of its id', () => {
    expect(nameOf([{ id: 'x', kind: 'support', name: 'Help' }], 'x')).toBe('Help');
    expect(nameOf([], '019abcde-0000-7000-8000-00000000abcd')).toBe('…0000abcd');
  });
});

describe('a destruction', () => {
  test('shows what is done, what is waited for and what is to come', () => {
    expect(states(ending({}))).toEqual(['asked:done', 'inquired:now', 'decided:later', 'destroyed:later', 'certified:later']);
    expect(states(ending({ inquiry: false }))).toEqual(['asked:done', 'decided:now', 'destroyed:later', 'certified:later']);
    expect(states(ending({ confirmed: true, confirmed_at: 2, decided_at: 3, carried_out: true, destroyed_at: 4 }))).toEqual([
      'asked:done', 'inquired:done', 'decided:done', 'destroyed:done', 'certified:now',
    ]);
  });

  test('a hold stands in the way while it lasts, and what was refused or dropped says so', () => {
    expect(states(ending({ confirmed: true, confirmed_at: 2, held_until: 60 }))).toContain('held:now');
    expect(states(ending({ confirmed: true, confirmed_at: 2, held_until: 40 }))).not.toContain('held:now');
    expect(states(ending({ confirmed: false, confirmed_at: 2 }))).toContain('inquired:refused');
    expect(states(ending({ confirmed: true, confirmed_at: 2, decided_at: 3, carried_out: false }))).toEqual(['asked:done', 'inquired:done', 'decided:refused']);
  });

  test('is answered by another than who asked, and by another agency for its own orders alone', () => {
    const me = { account: 'c', agency: 'x' };
    const asked = (agreed: boolean | null) => ending({ asked: [{ agency: 'y', orders: ['o'], agreed, at: null }] });
    expect([answers(ending({}), me), answers(ending({}), { account: 'b', agency: 'x' }), answers(ending({ confirmed: false }), me)]).toEqual(['inquiry', null, null]);
    expect([null, false, true].map((agreed) => answers(asked(agreed), { account: 'd', agency: 'y' }))).toEqual(['letting', 'letting', null]);
    expect([answers(asked(null), { account: 'd', agency: 'z' }), answers({ ...asked(null), carried_out: false }, { account: 'd', agency: 'y' })]).toEqual([null, null]);
  });

  test('can be carried out only when confirmed and not held', () => {
    expect([ready(ending({}), 50), ready(ending({ confirmed: true }), 50), ready(ending({ confirmed: true, held_until: 60 }), 50)]).toEqual([false, true, false]);
    expect(ready(ending({ inquiry: false, decided_at: 3 }), 50)).toBe(false);
  });
});

test('a name is asked for once', () => {
  expect(unasked(['a', 'a', null, '', 'b'], new Set(['b']))).toEqual(['a']);
});

describe('where a place is now', () => {
  test('is read as a map gives it, latitude first', () => {
    expect(pointOf(' 37.5665, 126.9780 ')).toEqual({ lat: 37.5665, lon: 126.978 });
    expect(pointOf('-33.9 18.4')).toEqual({ lat: -33.9, lon: 18.4 });
  });
  test('is nothing where it is no two numbers, or the wrong way round', () => {
    for (const said of ['', '37.5', '126.9780, 37.5665', '37.5, 127.0, 3', '37,5 127,0', 'home', '1e1, 2']) expect(pointOf(said)).toBeNull();
  });
  test('keeps its width where none is said, and takes none that is no length', () => {
    expect(radiusOf(' ')).toBeUndefined();
    expect(radiusOf('150')).toBe(150);
    for (const said of ['0', '-1', 'x', '100001']) expect(radiusOf(said)).toBeNull();
  });
});
