/** Each feed and each of our own roles as a small clock of its silence. It must never show one as speaking that does not. */
import type { LineState } from '../../protocol/live';
import type { Room } from '../../state/room';
import { deskNow, type DeskClock, isOld, PROMISE_S, silence } from '../../state/time';
import { age } from '../../ui/format';
import { useSaid } from '../../ui/hooks';
import { type Text, useText } from '../../ui/text';

/** Roles nobody sees at work otherwise: what takes in, what decides, what sends. */
type Role = 'intake' | 'detect' | 'respond';

interface Props {
  readonly room: Pick<Room, 'factsAge' | 'unitsAt' | 'behind'>;
  readonly clock: DeskClock;
  readonly line: LineState;
}

export function Feeds({ room, clock, line }: Props) {
  const { t } = useText();
  const { factsAge, unitsAt } = room;
  const silent = (local: number) => silence(clock, local);
  const facts = (local: number) => (factsAge === null ? null : factsAge + (silent(local) ?? 0));
  const units = (local: number) => (unitsAt === null ? null : Math.max(0, deskNow(clock, local) - unitsAt));
  const behind = Object.entries(room.behind);
  return (
    <div className="c-feeds">
      <Feed name={t.feeds.desk} seconds={silent} promise={line === 'open' ? PROMISE_S.desk : null} />
      <Feed name={t.feeds.devices} seconds={facts} promise={PROMISE_S.facts} />
      <Feed name={t.feeds.units} seconds={units} promise={PROMISE_S.facts} />
      {behind.length === 0 && clock.heard !== null ? <Feed name={t.feeds.system} title={t.feeds.getsOn} seconds={() => 0} promise={Infinity} plain /> : null}
      {behind.map(([role, seconds]) => (
        <Feed key={role} name={roleName(t, role)} title={t.feeds.behind} seconds={(local) => seconds + (silent(local) ?? 0)} promise={null} />
      ))}
    </div>
  );
}

function roleName(t: Text, role: string): string {
  return role in t.feeds ? t.feeds[role as Role] : role;
}

/** A plain one shows no seconds: of roles that get on a desk says no more than that. Without a promise it is bad, whatever it
 * says. */
function Feed({ name, seconds, promise, plain = false, title }: {
  readonly name: string; readonly seconds: (local: number) => number | null; readonly promise: number | null; readonly plain?: boolean;
  readonly title?: string;
}) {
  const { t } = useText();
  const bad = useSaid((local) => promise === null || isOld(seconds(local), promise));
  const whole = useSaid((local) => {
    const now = seconds(local);
    return now === null ? null : Math.floor(now);
  });
  return (
    <span className="c-feed" data-bad={bad} title={title}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray={bad ? '3 2' : 'none'} />
        <path d={hand(whole)} stroke="currentColor" strokeWidth="2" fill="none" />
      </svg>
      {name} {plain ? null : <span className="j-num">{whole === null ? t.never : age(t, whole)}</span>}
    </span>
  );
}

/** A hand that stands at twelve while the feed speaks and goes round in a minute of silence. */
function hand(seconds: number | null): string {
  const turn = (Math.min(60, seconds ?? 0) / 60) * 2 * Math.PI;
  return `M8 8L${(8 + 4.5 * Math.sin(turn)).toFixed(1)} ${(8 - 4.5 * Math.cos(turn)).toFixed(1)}`;
}
