/** Numbers as a person reads them, always with their unit. It must never show more digits than are known. */
import { parts } from '../state/time';
import type { Text } from './text';

export function metres(t: Text, value: number): string {
  if (value >= 10_000) return t.units.km(String(Math.round(value / 1000)));
  if (value >= 995) return t.units.km((value / 1000).toFixed(1));
  return t.units.m(String(value < 100 ? Math.round(value) : Math.round(value / 10) * 10));
}

/** A party's label with an exercise's mark in this screen's language; null where there is none. */
export function label(t: Text, said: string | null): string | null {
  return said === null ? null : said.replace(/^(EXERCISE|훈련)(?=\s|$)/, t.exercise);
}

/** What a role is called; one newer than this screen by its own word. */
export function roleName(t: Text, role: string): string {
  return role in t.roles ? t.roles[role as keyof Text['roles']] : role;
}

/** Who somebody is: the accounts of a first run, which are called by what they do, in this screen's language. */
export function account(t: Text, name: string): string {
  return name in t.accounts ? t.accounts[name as keyof Text['accounts']] : name;
}

export function age(t: Text, seconds: number): string {
  const { value, unit } = parts(seconds);
  return t.units[unit](value);
}

/** Korea's clock on every screen: rooms of one response must read one time. */
const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false, timeZone: 'Asia/Seoul',
});
const DATE = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: 'Asia/Seoul' });

export function clock(unix: number): string {
  return CLOCK.format(new Date(unix * 1000));
}

export function date(unix: number): string {
  return DATE.format(new Date(unix * 1000));
}
