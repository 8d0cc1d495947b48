/** The top line: who, where, the desk's time to the second, and each feed as a small clock of its silence. */
import { Button } from '@mantine/core';
import { memo } from 'react';
import type { LineState } from '../../protocol/live';
import type { Me } from '../../protocol/http';
import type { Room } from '../../state/room';
import { deskNow, type DeskClock } from '../../state/time';
import { account, clock as face, date, roleName } from '../../ui/format';
import { useSaid } from '../../ui/hooks';
import { DutyMark } from '../../ui/DutyMark';
import { useSite } from '../../ui/Shell';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import { Feeds } from './Feeds';

interface Props {
  readonly me: Me;
  readonly room: Room;
  readonly clock: DeskClock;
  readonly line: LineState;
  readonly sounding: boolean;
  /** How many notices the shift has had. */
  readonly noticed: number;
  readonly onTest: () => void;
  readonly onNotices: () => void;
  readonly onCommands: () => void;
  readonly onSignOut: () => void;
}

export function TopLine({ me, room, clock, line, ...controls }: Props) {
  return (
    <header className="c-top">
      <Who me={me} />
      <Feeds room={room} clock={clock} line={line} />
      <div className="c-top-right">
        <Controls {...controls} />
        <Time clock={clock} />
      </div>
    </header>
  );
}

const Who = memo(({ me }: Pick<Props, 'me'>) => {
  const { t } = useText();
  const site = useSite();
  return (
    <div className="c-top-who">
      {site?.exercise ? <strong className="c-flag">{t.exercise}</strong> : null}
      <strong>{roleName(t, me.role)}</strong>
      <span>{account(t, me.name)}</span>
      <DutyMark />
      <span className="j-dim">{site ? siteName(site.site, t.product) : null}</span>
    </div>
  );
});

/** Drawn anew only when one of them changes: buttons cost more than all the clocks beside them. */
const Controls = memo(({ sounding, noticed, onTest, onNotices, onCommands, onSignOut }: Omit<Props, 'me' | 'room' | 'clock' | 'line'>) => {
  const { t } = useText();
  return (
    <>
      <Button variant="default" size="compact-md" onClick={onNotices} aria-keyshortcuts="h">{t.notices.open(noticed)}</Button>
      <Button variant="default" size="compact-md" onClick={onTest} className={sounding ? '' : 'c-soundless'}>
        {sounding ? t.sound.on : t.sound.off}
      </Button>
      <Button variant="default" size="compact-md" onClick={onCommands} aria-label={t.commands.open}>?</Button>
      <Turns />
      <Button variant="default" size="compact-md" onClick={onSignOut}>{t.signIn.out}</Button>
    </>
  );
});

function Time({ clock }: Pick<Props, 'clock'>) {
  const now = useSaid((local) => Math.floor(deskNow(clock, local)));
  return (
    <time className="c-time j-num" dateTime={date(now)}>
      {clock.heard === null ? '--:--:--' : face(now)}
      <small>{clock.heard === null ? '' : date(now)}</small>
    </time>
  );
}

/** An installation nobody has named is called by the product's name. */
function siteName(said: string, product: string): string {
  return said === 'Jikimi' ? product : said;
}
