/** Promises of words, times, sounds, commands and colours. */
import { describe, expect, test } from 'vitest';
import { left, muted, MUTE_S } from '../src/apps/console/mutes';
import { commandsOf, type Hands } from '../src/apps/console/commandsOf';
import { read } from '../src/apps/doors/door';
import { bearing, circle, distance, R68, R95, within95 } from '../src/state/geo';
import { clockface, deskNow, heard, isOld, silence, UNSET } from '../src/state/time';
import { keyOf, may } from '../src/ui/commands';
import { account, label, metres } from '../src/ui/format';
import { loudness } from '../src/ui/sound';
import { en } from '../src/ui/text/en';
import { ko } from '../src/ui/text/ko';
import { DAY, NIGHT, STATES, type Tokens } from '../src/ui/tokens';

function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'function') return [[path, 'function']];
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

describe('the dictionary', () => {
  test('has every key in both languages, and no text is empty', () => {
    expect(leaves(ko).map(([path]) => path).sort()).toEqual(leaves(en).map(([path]) => path).sort());
    for (const [path, text] of [...leaves(en), ...leaves(ko)]) expect(text, path).not.toBe('');
  });

  test('no English sentence holds a Korean word but the switch', () => {
    for (const [path, text] of leaves(en)) {
      if (path !== '.language_switch') expect(/[가-힣]/.test(text), `${path}: ${text}`).toBe(false);
    }
  });

  test('no Korean sentence holds an English word but a unit, a code or a command', () => {
    const known = new Set(['km', 'GPS', 'PIN', 'API', 'jikimi', 'demo', 'make', 'screens', 'English', 'HOST']);
    for (const [path, text] of leaves(ko)) {
      for (const word of text.match(/[A-Za-z]{3,}/g) ?? []) {
        if (text !== 'function' && path !== '.language_switch') expect(known.has(word), `${path}: ${word}`).toBe(true);
      }
    }
  });

  test('an exercise\'s mark and the accounts of a first run are said in the screen\'s language', () => {
    expect([label(en, '훈련 w○○'), label(ko, 'EXERCISE w○○'), label(ko, 'EXERCISES'), label(ko, null)]).toEqual(['EXERCISE w○○', '훈련 w○○', 'EXERCISES', null]);
    expect([account(ko, 'dispatcher'), account(en, 'kim')]).toEqual([ko.accounts.dispatcher, 'kim']);
  });

  test('no Korean sentence was left in English', () => {
    const kept = new Set(['.language_switch', '.incident.code112']);
    for (const [path, text] of leaves(ko)) {
      if (text === 'function' || kept.has(path)) continue;
      expect(/[가-힣]/.test(text), `${path}: ${text}`).toBe(true);
    }
  });
});

describe('ages and distances', () => {
  test('time is the desk\'s, whatever this machine believes', () => {
    const clock = heard(5000, 100);
    expect(deskNow(clock, 103)).toBe(5003);
    expect(silence(clock, 103)).toBe(3);
    expect(silence(UNSET, 103)).toBeNull();
  });

  test('what was never seen is old', () => {
    expect(isOld(null, 60)).toBe(true);
    expect(isOld(61, 60)).toBe(true);
    expect(isOld(60, 60)).toBe(false);
  });

  test('say no more than is known', () => {
    expect([metres(en, 87.4), metres(en, 463), metres(en, 996), metres(en, 12_345)]).toEqual(['87 m', '460 m', '1.0 km', '12 km']);
    expect([clockface(39.4), clockface(3700), clockface(-1)]).toEqual(['0:39', '1:01:40', '0:00']);
  });

  test('± is 95 % of both ends\' doubt, as the disc on the map is of one', () => {
    expect(within95(10)).toBeCloseTo(24.477, 3);
    expect(within95(30, 40)).toBeCloseTo(R95 * 50, 6);
    expect(1 - Math.exp(-(R95 ** 2) / 2)).toBeCloseTo(0.95, 4);
    expect(1 - Math.exp(-(R68 ** 2) / 2)).toBeCloseTo(0.68, 3);
    for (const text of [en, ko]) expect(text.doubt.within('24 m')).toBe('± 24 m (95 %)');
  });

  test('geometry agrees with itself', () => {
    const here = { lon: 127, lat: 37.5 };
    for (const [lon, lat] of circle(here, 500)) expect(distance(here, { lon, lat })).toBeCloseTo(500, 0);
    expect(bearing(here, { lon: 127, lat: 37.6 })).toBeCloseTo(0);
    expect(bearing(here, { lon: 127.1, lat: 37.5 })).toBeCloseTo(90, 0);
  });
});

describe('sound', () => {
  test('rises until somebody owns it, the gravest soonest', () => {
    expect(loudness(0, 60)).toBeGreaterThan(loudness(0, 10));
    expect(loudness(0, 30)).toBeGreaterThan(loudness(1, 30));
    expect(loudness(2, 10_000)).toBeLessThanOrEqual(1);
  });

  test('a mute ends by itself', () => {
    const mutes = muted(new Map(), 'i1', 'calling', 100);
    expect(left(mutes, 'i1', 101)).toBe(MUTE_S - 1);
    expect(left(mutes, 'i1', 100 + MUTE_S)).toBeNull();
    expect(left(mutes, 'i2', 101)).toBeNull();
  });
});

describe('commands', () => {
  const nothing = () => undefined;
  const hands: Hands = {
    chosen: true, owned: false, mutable: true, step: nothing, take: nothing, plan: nothing, mute: nothing, find: nothing,
    write: nothing, why: nothing, glass: nothing, notices: nothing, test: nothing, frame: nothing,
    close: nothing, list: nothing, day: nothing, language: nothing,
  };

  test('each has a key of its own and a name in both languages', () => {
    const commands = commandsOf(hands);
    expect(new Set(commands.map((one) => one.key)).size).toBe(commands.length);
    for (const { id } of commands) expect(en.commands[id] && ko.commands[id]).toBeTruthy();
  });

  test('closing asks again, and is the police room\'s alone', () => {
    const close = commandsOf(hands).find((one) => one.id === 'close');
    expect(close?.confirms).toBe(true);
    expect(close && may(close, 'monitor')).toBe(false);
    expect(close && may(close, 'dispatcher')).toBe(true);
  });

  test('a key is the same under a Korean keyboard', () => {
    expect(keyOf({ key: 'ㅓ', code: 'KeyJ' })).toBe('j');
    expect(keyOf({ key: '?', code: 'Slash' })).toBe('?');
  });
});

describe('colours', () => {
  const channel = (hex: string, at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const light = (hex: string) => 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
  const contrast = (a: string, b: string) => {
    const [lighter, darker] = [Math.max(light(a), light(b)), Math.min(light(a), light(b))];
    return (lighter + 0.05) / (darker + 0.05);
  };

  test.each([['day', DAY], ['night', NIGHT]] as [string, Tokens][])('every text can be read by %s', (_, tokens) => {
    const texts: [keyof Tokens, keyof Tokens][] = [
      ['ink', 'page'], ['ink', 'panel'], ['ink', 'raised'], ['dim', 'panel'], ['dim', 'raised'], ['place', 'land'],
      ['onWatch', 'watch'], ['onNotice', 'notice'], ['onDanger', 'danger'], ['onBreach', 'breach'], ['onUnknown', 'unknown'],
      ['onBand', 'policeBand'], ['onBand', 'probationBand'], ['onSide', 'police'], ['onSide', 'probation'], ['onSide', 'victim'], ['onSide', 'offender'],
    ];
    for (const [text, ground] of texts) expect(contrast(tokens[text], tokens[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const side of ['victim', 'offender', 'police', 'probation'] as const) {
      expect(contrast(tokens[side], tokens.land), side).toBeGreaterThanOrEqual(3);
    }
  });

  test('night is grey, never black', () => {
    for (const ground of ['page', 'panel', 'raised', 'land', 'sea'] as const) expect(light(NIGHT[ground])).toBeGreaterThan(0.015);
  });

  test('every grave state has a shape of its own', () => {
    const grave = (['CONTACT', 'BREACH', 'UNKNOWN', 'DANGER', 'NOTICE', 'WATCH'] as const).map((name) => STATES[name].shape);
    expect(new Set(grave).size).toBe(grave.length);
  });
});

describe('a door', () => {
  test('never leads off this installation', () => {
    const doors = { doors: [{ role: 'dispatcher', href: 'https://elsewhere' }, { role: 'dispatcher', href: '//elsewhere' }, { role: 'monitor', href: '/d/x' }] };
    expect(read(doors)?.doors.map((door) => door.href)).toEqual(['/d/x']);
    expect(read(null)).toBeNull();
    expect(read({ doors: 'x' })).toBeNull();
    expect(read({ doors: [], morning_at: null })?.waiting).toBe(true);
    expect(read({ doors: [], morning_at: 5 })?.waiting).toBe(false);
    expect(read({ doors: [], morning_at: 5, ended_at: null })?.ended).toBe(false);
    expect(read({ doors: [], morning_at: 5, ended_at: 9 })).toMatchObject({ waiting: false, ended: true });
  });

  test('gives a phone no code that leads the phone to itself', () => {
    const given = (loopback: boolean) => read({ loopback, doors: [{ role: 'dispatcher', href: '/d', qr: 'data:image/svg+xml,x' }] });
    expect(given(true)).toMatchObject({ alone: true, doors: [{ qr: null }] });
    expect(given(false)).toMatchObject({ alone: false, doors: [{ qr: 'data:image/svg+xml,x' }] });
  });
});
