/** Times as a planner types them. It must never take them for this machine's own: rosters are of one place. */
import { clock, date } from './format';

const SEOUL = '+09:00';

/** What a datetime field holds (2026-11-22T08:00), or a day, as RFC 3339; null for what is none. */
export function typed(text: string): string | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00${SEOUL}`;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00${SEOUL}` : null;
}

/** Unix seconds as a datetime field holds them. */
export function field(unix: number): string {
  return `${date(unix)}T${clock(unix).slice(0, 5)}`;
}

/** A moment as a roster says it: the day only where it is another one. */
export function said(unix: number, now: number): string {
  const time = clock(unix).slice(0, 5);
  return date(unix) === date(now) ? time : `${date(unix).slice(5)} ${time}`;
}
