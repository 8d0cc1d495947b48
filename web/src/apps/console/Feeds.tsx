/** Each feed and each of our own roles as a small clock of its silence. It must never show one as speaking that does not. */
import type { LineState } from '../../protocol/live';
import type { Room } from '../../state/room';
import { deskNow, type DeskClock, PROMISE_S, silence } from '../../state/time';
import { age } from '../../ui/format';
import { useLocalNow } from '../../ui/hooks';
import { type Text, useText } from '../../ui/text';

/** Roles nobody sees at work otherwise: what takes in, what decides, what sends. */
type Role = 'intake' | 'detect' | 'respond';

interface Props {
  readonly room: Room;
  readonly clock: DeskClock;
  readonly line: LineState;
}

export function Feeds({ room, clock, line }: Props) {
  const { t } = useText();
  const local = useLocalNow();
  const silent = silence(clock, local);
  const facts = room.factsAge === null ? null : room.factsAge + (silent ?? 0);
  const units = room.unitsAt === null ? null : Math.max(0, deskNow(clock, local) - room.unitsAt);
  const behind = Object.entries(room.behind);
  return (
    <div className="c-feeds">
      <Feed name={t.feeds.desk} seconds={silent} bad={line !== 'open' || late(silent, PROMISE_S.desk)} />
      <Feed name={t.feeds.devices} seconds={facts} bad={late(facts, PROMISE_S.facts)} />
      <Feed name={t.feeds.units} seconds={units} bad={late(units, PROMISE_S.facts)} />
      {behind.length === 0 && clock.heard !== null ? <Feed name={t.feeds.system} title={t.feeds.getsOn} seconds={0} bad={false} plain /> : null}
      {behind.map(([role, seconds]) => (
        <Feed key={role} name={roleName(t, role)} title={t.feeds.behind} seconds={seconds + (silent ?? 0)} bad />
      ))}
    </div>
  );
}

function late(seconds: number | null, promise: number): boolean {
  return seconds === null || seconds > promise;
}

function roleName(t: Text, role: string): string {
  return role in t.feeds ? t.feeds[role as Role] : role;
}

/** A plain one shows no seconds: of roles that get on a desk says no more than that. */
function Feed({ name, seconds, bad, plain = false, title }: {
  readonly name: string; readonly seconds: number | null; readonly bad: boolean; readonly plain?: boolean; readonly title?: string;
}) {
  const { t } = useText();
  return (
    <span className="c-feed" data-bad={bad} title={title}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray={bad ? '3 2' : 'none'} />
        <path d={hand(seconds)} stroke="currentColor" strokeWidth="2" fill="none" />
      </svg>
      {name} {plain ? null : <span className="j-num">{seconds === null ? t.never : age(t, seconds)}</span>}
    </span>
  );
}

/** A hand that stands at twelve while the feed speaks and goes round in a minute of silence. */
function hand(seconds: number | null): string {
  const turn = (Math.min(60, Math.floor(seconds ?? 0)) / 60) * 2 * Math.PI;
  return `M8 8L${(8 + 4.5 * Math.sin(turn)).toFixed(1)} ${(8 - 4.5 * Math.cos(turn)).toFixed(1)}`;
}
