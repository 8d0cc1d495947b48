/** The top line: who, where, the desk's time to the second, and each feed as a small clock of its silence. */
import { Button } from '@mantine/core';
import type { LineState } from '../../protocol/live';
import type { Me } from '../../protocol/http';
import type { Room } from '../../state/room';
import { deskNow, type DeskClock, PROMISE_S, silence } from '../../state/time';
import { age, clock as face, date } from '../../ui/format';
import { useLocalNow } from '../../ui/hooks';
import { useSite } from '../../ui/Shell';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';

interface Props {
  readonly me: Me;
  readonly room: Room;
  readonly clock: DeskClock;
  readonly line: LineState;
  readonly sounding: boolean;
  readonly onTest: () => void;
  readonly onCommands: () => void;
  readonly onSignOut: () => void;
}

export function TopLine({ me, room, clock, line, sounding, onTest, onCommands, onSignOut }: Props) {
  const { t } = useText();
  const site = useSite();
  const local = useLocalNow();
  const now = deskNow(clock, local);
  const silent = silence(clock, local);
  const facts = room.factsAge === null ? null : room.factsAge + (silent ?? 0);
  return (
    <header className="c-top">
      <div className="c-top-who">
        {site?.exercise ? <strong className="c-flag">{t.exercise}</strong> : null}
        <strong>{t.roles[me.role]}</strong>
        <span>{me.name}</span>
        <span className="j-dim">{site?.site}</span>
      </div>
      <div className="c-feeds">
        <Feed name={t.feeds.desk} seconds={silent} promise={PROMISE_S.desk} down={line !== 'open'} />
        <Feed name={t.feeds.devices} seconds={facts} promise={PROMISE_S.facts} down={false} />
        <Feed name={t.feeds.units} seconds={room.unitsAt === null ? null : Math.max(0, now - room.unitsAt)} promise={PROMISE_S.facts} down={false} />
      </div>
      <div className="c-top-right">
        <Button variant="default" size="compact-md" onClick={onTest} className={sounding ? '' : 'c-soundless'}>
          {sounding ? t.sound.on : t.sound.off}
        </Button>
        <Button variant="default" size="compact-md" onClick={onCommands} aria-label={t.commands.open}>?</Button>
        <Turns />
        <Button variant="default" size="compact-md" onClick={onSignOut}>{t.signIn.out}</Button>
        <time className="c-time j-num" dateTime={date(now)}>
          {clock.heard === null ? '--:--:--' : face(now)}
          <small>{clock.heard === null ? '' : date(now)}</small>
        </time>
      </div>
    </header>
  );
}

function Feed({ name, seconds, promise, down }: {
  readonly name: string; readonly seconds: number | null; readonly promise: number; readonly down: boolean;
}) {
  const { t } = useText();
  const bad = down || seconds === null || seconds > promise;
  return (
    <span className="c-feed" data-bad={bad}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray={bad ? '3 2' : 'none'} />
        <path d={hand(seconds)} stroke="currentColor" strokeWidth="2" fill="none" />
      </svg>
      {name} <span className="j-num">{seconds === null ? t.never : age(t, seconds)}</span>
    </span>
  );
}

/** A hand that stands at twelve while the feed speaks and goes round in a minute of silence. */
function hand(seconds: number | null): string {
  const turn = (Math.min(60, Math.floor(seconds ?? 0)) / 60) * 2 * Math.PI;
  return `M8 8L${(8 + 4.5 * Math.sin(turn)).toFixed(1)} ${(8 - 4.5 * Math.cos(turn)).toFixed(1)}`;
}
