import { describe, expect, it } from 'vitest';
import { kindNames, named, sorted, takeable } from '../src/apps/roster/sorting';
import { field, said, typed } from '../src/ui/times';
import type { Handover, Me, Open, Roster, Shift } from '../src/protocol/http';
import { en } from '../src/ui/text/en';
import { ko } from '../src/ui/text/ko';

const me = (account: string, role: string, unit: string | null = null) => ({ account, role, unit }) as unknown as Me;
const left = (account: string, role: string, unit: string | null = null) => ({ account, role, unit }) as unknown as Handover;
const open = (incident: string, tasking: string | null = null) => ({ incident, tasking }) as unknown as Open;

describe('the roster', () => {
  it('counts nobody as on duty who has not begun', () => {
    const shifts = [{ id: 'a', begun_at: 1 }, { id: 'b', begun_at: null }] as unknown as readonly Shift[];
    const { on, next } = sorted({ shifts } as unknown as Roster);
    expect([on.map((one) => one.id), next.map((one) => one.id)]).toEqual([['a'], ['b']]);
  });

  it('offers a hand-over to a colleague of the same role, and of taskings of the same unit', () => {
    expect(takeable(left('kim', 'dispatcher'), me('lee', 'dispatcher'))).toBe(true);
    expect(takeable(left('kim', 'dispatcher'), me('kim', 'dispatcher'))).toBe(false);
    expect(takeable(left('kim', 'dispatcher'), me('lee', 'monitor'))).toBe(false);
    expect(takeable(left('kim', 'police_officer', 'u1'), me('lee', 'police_officer', 'u1'))).toBe(true);
    expect(takeable(left('kim', 'police_officer', 'u1'), me('lee', 'police_officer', 'u2'))).toBe(false);
  });

  it('names all that is open, each by what it is', () => {
    expect(named([open('i1'), open('i2', 't2')])).toEqual({ incidents: ['i1'], taskings: ['t2'] });
  });

  it('never shows training by its code', () => {
    const roster = { kinds: [{ kind: 'first-aid', ko: '응급처치', en: 'First aid' }] };
    expect(kindNames(roster, ['first-aid', 'newer'], 'ko', '그 밖의 것')).toBe('응급처치, 그 밖의 것');
  });

  it('says every duty page in both languages, with the name of who it is', () => {
    for (const t of [en, ko]) {
      for (const why of ['handover', 'handover-untaken', 'handover-withdrawn', 'shift-over', 'shift-late'] as const) expect(t.events.pages[why]('104')).toContain('104');
    }
  });
});

describe('times of the roster', () => {
  it('takes what is typed for Seoul time, and nothing that is no time', () => {
    expect(typed('2026-11-22T08:00')).toBe('2026-11-22T08:00:00+09:00');
    expect(typed('2026-11-22')).toBe('2026-11-22T00:00:00+09:00');
    expect(typed('')).toBeNull();
    expect(field(Date.parse('2026-11-21T23:30:00Z') / 1000)).toBe('2026-11-22T08:30');
  });

  it('says the day only where it is another one', () => {
    const now = Date.parse('2026-11-22T08:00:00+09:00') / 1000;
    expect(said(now + 3600, now)).toBe('09:00');
    expect(said(now + 86400, now)).toBe('11-23 08:00');
  });
});
