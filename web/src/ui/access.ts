/** Words for the codes of access: kinds, purposes, classes, looks. A code newer than this screen must never show as itself. */
import { clockface } from '../state/time';
import { clock as face, date } from './format';
import type { Text } from './text';

type Table = Readonly<Record<string, string>> & { readonly other: string };

/** What a code is called; its table's word for what it does not know. */
export function called(table: Table, code: string): string {
  return Object.hasOwn(table, code) ? (table[code] ?? table.other) : table.other;
}

/** Classes of data in words, none said twice. */
export function classes(t: Text, data: readonly string[]): string {
  return [...new Set(data.map((one) => called(t.access.data, one)))].join(', ');
}

/** The end of an id, enough to tell two apart; ids begin with their time, which many share. */
export function short(id: string): string {
  return id.slice(-8);
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim());
}

/** Unix seconds of the registry's times, which are text. */
export function moment(text: string): number {
  return Date.parse(text) / 1000;
}

/** Nearer ends are counted down. */
const SOON_S = 7200;

/** Until when a grant holds; `end` in Unix seconds, null where what it rests on ends it. */
export function until(t: Text, kind: string, end: number | null, now: number): string {
  if (end === null) return called(t.access.ends, kind);
  return end - now < SOON_S ? clockface(end - now) : `${date(end)} ${face(end)}`;
}
