/** What a whole room must have read: calls for help, alerts about ourselves, news. Pure; it must never let what is less grave
 * stand over what calls for somebody, nor lose what it does not show. */
import type { Message } from '../protocol/frames';
import type { Row } from './queue';
import type { Room, Saying } from './room';

export const SHOWN_S = 120;
const MOST = 3;
const CALLS = 1;
const NEWS_ONLY = 9;

/** Pages that tell and call for nobody. */
const NEWS = new Set(['order-matched', 'access-told', 'call-back', 'handover', 'handover-withdrawn', 'shift-late']);

/** All of the shift, the newest first. */
export function notices(room: Pick<Room, 'said' | 'notices'>): readonly Saying[] {
  const calls = [...room.said.values()].flat().filter(({ message }) => message.kind === 'page' && message.body.why === 'help');
  return [...calls, ...room.notices].sort((a, b) => b.at - a.at);
}

/** What stands over everything for a while, the gravest first: never what the queue itself shows by now, and while somebody is
 * called for whom nobody has taken, nothing of less weight. */
export function standing(all: readonly Saying[], rows: readonly Row[], now: number): readonly Saying[] {
  const called = rows.some((row) => !row.owned && row.sight.priority <= CALLS);
  return all
    .filter(({ at, message }) => now - at < SHOWN_S && !inQueue(message, rows) && (!called || gravity(message) <= CALLS))
    .sort((a, b) => gravity(a.message) - gravity(b.message) || b.at - a.at)
    .slice(0, MOST);
}

/** As a priority. What is wrong with ourselves is as grave as a call for help; an alert of an order is as grave as it says. */
export function gravity(message: Message): number {
  if (message.kind === 'page' && NEWS.has(message.body.why)) return NEWS_ONLY;
  return message.kind === 'alert' && message.body.order !== null ? message.body.priority : 0;
}

function inQueue(message: Message, rows: readonly Row[]): boolean {
  if (message.kind !== 'alert' || message.body.offender_id === null) return false;
  const { offender_id: offender, victim_id: victim } = message.body;
  return rows.some(({ sight }) => sight.offender === offender && sight.victim === victim);
}
