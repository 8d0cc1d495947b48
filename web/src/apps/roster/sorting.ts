/** Who is on, who is next, and what one may take. Pure; it must never count somebody as on duty who has not begun. */
import type { Handover, Me, Open, Roster, Shift } from '../../protocol/http';

export interface Sorted {
  readonly on: readonly Shift[];
  readonly next: readonly Shift[];
}

/** Those on duty first come first; those next, whoever is late first. */
export function sorted(roster: Roster): Sorted {
  return {
    on: roster.shifts.filter((one) => one.begun_at !== null),
    next: roster.shifts.filter((one) => one.begun_at === null),
  };
}

/** Somebody of the same role takes it, and of taskings somebody of the same unit. */
export function takeable(handover: Handover, me: Me): boolean {
  if (handover.account === me.account || handover.role !== me.role) return false;
  return me.unit === null || handover.unit === me.unit;
}

/** What is named when all of it is handed over. */
export function named(open: readonly Open[]): { readonly incidents: readonly string[]; readonly taskings: readonly string[] } {
  return {
    incidents: open.filter((one) => one.tasking === null).map((one) => one.incident),
    taskings: open.flatMap((one) => (one.tasking === null ? [] : [one.tasking])),
  };
}

/** What the kinds of training are called, none of them by its code. */
export function kindNames(roster: Pick<Roster, 'kinds'>, kinds: readonly string[], language: 'ko' | 'en', other: string): string {
  return kinds.map((kind) => roster.kinds.find((one) => one.kind === kind)?.[language] ?? other).join(', ');
}
