/** The desk's time on this machine, and how old things are. It must never trust this machine's own clock. */
export interface DeskClock {
  /** Desk time minus local time, seconds. */
  readonly offset: number;
  /** Local seconds when the desk last said anything; null before that. */
  readonly heard: number | null;
}

export const UNSET: DeskClock = { offset: 0, heard: null };

/** A screen silent for longer says so over everything. */
export const FROZEN_S = 2;

/** How long a datum keeps its promise; older greys out. */
export const PROMISE_S = { position: 60, unit: 120, desk: 2, facts: 10 } as const;

export function localNow(): number {
  return Date.now() / 1000;
}

/** A word says less of the time than this: what was on the way for long is no other clock. */
const JITTER_S = 0.2;

/** The clock after a word said at `at`; the offset stays while it is the same but for the way, so that nothing is drawn anew. */
export function heard(at: number, local: number, before: DeskClock = UNSET): DeskClock {
  const offset = at - local;
  const same = before.heard !== null && Math.abs(offset - before.offset) < JITTER_S;
  return { offset: same ? before.offset : offset, heard: local };
}

/** The desk's time now. */
export function deskNow(clock: DeskClock, local: number): number {
  return local + clock.offset;
}

/** Seconds since the desk's last word; null before its first. */
export function silence(clock: DeskClock, local: number): number | null {
  return clock.heard === null ? null : Math.max(0, local - clock.heard);
}

export function isOld(age: number | null, promise: number): boolean {
  return age === null || age > promise;
}

/** An age in whole parts, for a screen to put into words. */
export function parts(age: number): { readonly value: number; readonly unit: 's' | 'min' | 'h' } {
  if (age < 120) return { value: Math.floor(age), unit: 's' };
  if (age < 7200) return { value: Math.floor(age / 60), unit: 'min' };
  return { value: Math.floor(age / 3600), unit: 'h' };
}

/** A duration as m:ss, or h:mm:ss past an hour. */
export function clockface(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
