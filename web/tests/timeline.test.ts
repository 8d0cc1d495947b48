/** Promises of what an incident's timeline says. */
import { describe, expect, test } from 'vitest';
import { alertOf, reasonOf } from '../src/apps/console/names';
import { lines, page } from '../src/apps/console/timeline';
import type { Message } from '../src/protocol/frames';
import type { Whole } from '../src/protocol/http';
import { EMPTY, reduce } from '../src/state/room';
import { en } from '../src/ui/text/en';
import { ko } from '../src/ui/text/ko';
import { alertBody, message, sight, whole as made } from './made';

const written = (seq: number, name: string | null) =>
  message({ kind: 'log_entry', body: { entry: `e${seq}`, agency: name ? 'police' : 'centre', name, text: `line ${seq}`, at: 100 + seq } }, 'i1', seq);

function whole(...said: Message[]): Whole {
  const told = said.map(({ seq, at, kind, body }) => ({ seq: seq ?? 0, at, kind, body: body as Record<string, unknown> }));
  return made({ said: told });
}

describe('the timeline', () => {
  test('says what the record holds and what came since, each once and the newest first', () => {
    const said = [written(1, 'kim'), written(2, null), written(3, 'kim')].map((one) => ({ at: one.at, message: one }));
    const texts = lines(whole(written(1, 'kim'), written(2, null)), said, [], 'police', en, 'en').map((one) => one.text);
    expect(texts).toEqual(['kim: line 3', 'The other room: line 2', 'kim: line 1', 'Incident opened']);
  });

  test('says of a line that is not for this room any more only that it was written', () => {
    const { body, ...rest } = written(1, null);
    const gone = { ...rest, body: { ...body, text: null } } as Message;
    for (const [t, language] of [[en, 'en'], [ko, 'ko']] as const) {
      expect(lines(whole(gone), [], [], 'police', t, language)[0]?.text).toBe(`${t.log.otherRoom}: ${t.log.withheld}`);
    }
  });

  test('says which room took it', () => {
    const taken = (agency: string) => message({ kind: 'incident_taken', body: { by: 'x', agency, at: 110 } }, 'i1', 4);
    expect(lines(whole(taken('police')), [], [], 'police', en, 'en')[0]?.text).toBe(en.events.taken);
    expect(lines(whole(taken('centre')), [], [], 'police', ko, 'ko')[0]?.text).toBe(ko.events.takenThere);
  });

  test('a page that both rooms read is told from where each stands', () => {
    const matched = message({ kind: 'page', body: { why: 'order-matched', at: 110, agency: 'centre' } }, 'i1', 5);
    const [there, here] = ['police', 'centre'].map((agency) => lines(whole(matched), [], [], agency, en, 'en')[0]);
    expect(there?.text).toContain('a person of the other agency');
    expect(here?.text).toContain('a person of ours');
  });

  test('says who opened or was refused a file, and nothing of whose', () => {
    const told = (what: string) => message({ kind: 'page', body: { why: 'access-told', at: 110, name: 'kim', by: 'police', what } }, null, 7);
    const said = (what: string) => page(en, (told(what) as { body: Parameters<typeof page>[1] }).body, 'police');
    expect(said('glass')).toBe('kim (our agency) opened one person\'s file in an emergency. It is reviewed.');
    expect(said('own-case')).toContain('refused');
    expect(said('tomorrow')).toContain(en.events.access.other);
  });

  test('says since when somebody was not seen, bold while it lasts, and when again', () => {
    const silent = { side: 'victim', since: 150, until: null } as const;
    const lasting = lines(whole(), [], [silent], 'police', en, 'en')[0];
    expect(lasting).toMatchObject({ at: 150, weight: 'urgent', text: 'Victim: no position since then' });
    const over = lines(whole(), [], [{ ...silent, until: 260 }], 'police', en, 'en');
    expect(over.map((one) => [one.at, one.weight])).toEqual([[260, 'plain'], [150, 'plain'], [100, 'plain']]);
    expect(over[0]?.text).toContain('after 110 s');
  });

  test('says why somebody cannot go in the room\'s own language, and what was typed as it was typed', () => {
    const refused = (reason: string) => whole(message({ kind: 'tasking_state', body: {
      tasking: 't1', unit: 'u', callsign: 'P-1', state: 'rejected', reason, at: 110,
    } }, 'i1', 6));
    expect(lines(refused('too-far'), [], [], 'police', ko, 'ko')[0]?.text).toContain(ko.field.rejectReasons['too-far']);
    expect(lines(refused('road closed'), [], [], 'police', ko, 'ko')[0]?.text).toContain('road closed');
  });
});

describe('why', () => {
  test('is the reason of the alert that is shown, not of a later one of another code', () => {
    let room = reduce(EMPTY, message({ kind: 'alert', body: alertBody({ reason: { rule: 'time-to-contact' } }) }, 'i1', 1));
    room = reduce(room, message({ kind: 'alert', body: alertBody({ alert: 'a2', code: 'A26', reason: { rule: 'late-breach' } }) }, 'i1', 2));
    expect(reasonOf(en, alertOf(room.said.get('i1') ?? [], sight('i1')))).toBe(en.reasons['time-to-contact']);
  });

  test('names the radius of a ring, and no radius of what is none', () => {
    expect(reasonOf(en, alertBody({ reason: { rule: 'ring', radius_m: 500 } }))).toContain('500 m');
    expect(reasonOf(en, alertBody({ reason: { rule: 'time-to-contact', radius_m: 500 } }))).not.toContain('500 m');
  });

  test('a rule newer than the screen is named, not hidden', () => {
    expect(reasonOf(en, alertBody({ reason: { rule: 'new-rule' } }))).toContain('new-rule');
    expect(reasonOf(en, undefined)).toBe('');
  });
});
