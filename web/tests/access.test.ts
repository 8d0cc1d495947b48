/** Promises of the words of access, of what is judged first, and of broken glass. */
import { describe, expect, test } from 'vitest';
import { commandsOf } from '../src/apps/access/commandsOf';
import { holds, toJudge } from '../src/apps/access/sorting';
import { closed, opened, standing } from '../src/apps/console/glasses';
import type { Grant } from '../src/protocol/http';
import type { components } from '../src/protocol/schema';
import { called, classes, isId, moment, short, until } from '../src/ui/access';
import { homeOf } from '../src/ui/routes';
import { en } from '../src/ui/text/en';
import { ko } from '../src/ui/text/ko';

const ID = '019abcde-0000-7000-8000-00000000abcd';
const grant = (more: Partial<Grant>): Grant => ({
  id: ID, kind: 'glass', agency: ID, unit: null, account: ID, subject: ID, data: ['person'], purpose: 'INVESTIGATION_EMERGENCY',
  article: '제16조', order: null, incident: null, approver: null, reason: 'caller says he stands there', starts_at: 100, ends_at: 1000,
  ended_at: null, review_by: 5000, reviewed_at: null, upheld: null, ...more,
});

describe('the words of access', () => {
  test('every purpose and class of data has a word in both languages, and none is its code', () => {
    const data: Record<components['schemas']['Data'], true> = {
      person: true, order: true, place: true, device: true, unit: true, incident: true, location: true, jurisdiction: true, account: true,
      consent: true, access: true, duty: true, ledger: true, retention: true, request: true,
    };
    const purposes: Record<components['schemas']['Purpose'], true> = {
      SUPERVISION: true, APPROACH_RESPONSE: true, VICTIM_NOTICE: true, COMPLIANCE_CHECK: true, INVESTIGATION_COURT: true,
      INVESTIGATION_EMERGENCY: true, TRIAL: true, EXTENSION_CLAIM: true, VIOLATION_OFFENCE: true, JOINT_RESPONSE: true, SUPPORT: true, ACCESS_REVIEW: true,
    };
    for (const t of [ko, en]) {
      for (const one of Object.keys(data)) expect(called(t.access.data, one), one).not.toBe(t.access.data.other);
      for (const one of Object.keys(purposes)) expect([t.access.purposes.other, one]).not.toContain(called(t.access.purposes, one));
    }
  });

  test('a code newer than this screen is said as something else, not shown', () => {
    for (const t of [ko, en]) {
      expect(called(t.access.kinds, 'telepathy')).toBe(t.access.kinds.other);
      expect(called(t.access.looks, 'constructor')).toBe(t.access.looks.other);
      expect(classes(t, ['x', 'y'])).toBe(t.access.data.other);
    }
  });

  test('until when a grant holds is said by what ends it, counted down when near, and dated when far', () => {
    expect(until(en, 'incident', null, 0)).toBe(en.access.ends.incident);
    expect(until(ko, 'given', null, 0)).toBe(ko.access.ends.other);
    expect(until(en, 'glass', 900, 0)).toBe('15:00');
    expect(until(en, 'consent', 86_400, 0)).toBe('1970-01-02 09:00:00');
  });

  test('an id is told from what is none, and shortened to its end', () => {
    expect([isId(ID), isId(` ${ID.toUpperCase()} `), isId('900101-1234567'), isId('')]).toEqual([true, true, false, false]);
    expect(short(ID)).toBe('0000abcd');
    expect(moment('1970-01-01T00:01:40Z')).toBe(100);
  });
});

describe('what is judged', () => {
  test('what nobody has judged stands there, what is due first first, over or not', () => {
    const all = [grant({ id: 'b', review_by: 20 }), grant({ id: 'a', review_by: 10, ended_at: 5 }), grant({ id: 'c', reviewed_at: 7 }), grant({ id: 'd', review_by: null }), grant({ id: 'e', review_by: 5, reviewed_at: 6, upheld: false, ended_at: 6 })];
    expect(toJudge(all).map((one) => one.id)).toEqual(['e', 'a', 'b']);
  });

  test('a grant holds from its beginning to its end, and no longer than it is not ended', () => {
    expect([99, 100, 999, 1000].map((now) => holds(grant({}), now))).toEqual([false, true, true, false]);
    expect(holds(grant({ ended_at: 150 }), 160)).toBe(false);
    expect(holds(grant({ ends_at: null }), 1e9)).toBe(true);
  });
});

describe('a broken glass', () => {
  test('is shown until its time, once a person, and not after it was closed', () => {
    const one = { subject: 'a', until: 100 };
    const both = opened(opened([], one, 0), { subject: 'b', until: 200 }, 0);
    expect(standing(both, 99).map((each) => each.subject)).toEqual(['a', 'b']);
    expect(standing(both, 100).map((each) => each.subject)).toEqual(['b']);
    expect(opened(both, { subject: 'a', until: 300 }, 150)).toEqual([{ subject: 'b', until: 200 }, { subject: 'a', until: 300 }]);
    expect(closed(both, 'a')).toEqual([{ subject: 'b', until: 200 }]);
    expect(closed(both, 'z')).toBe(both);
  });
});

test('every role has a page, and a privacy officer\'s commands change nothing', () => {
  for (const role of Object.keys(en.roles)) expect(homeOf(role), role).not.toBeNull();
  expect(homeOf('reviewer')).toBe('/access');
  const nothing = () => undefined;
  const commands = commandsOf({ refresh: nothing, filter: nothing, list: nothing, day: nothing, language: nothing });
  expect(new Set(commands.map((one) => one.key)).size).toBe(commands.length);
  expect(commands.map((one) => one.id)).toEqual(['refresh', 'filter', 'day', 'language', 'open']);
});
