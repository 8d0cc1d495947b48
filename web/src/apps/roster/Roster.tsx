/** The roster: who is on duty, who is next, what waits to be taken over, whose training has lapsed. It must never read anything
 * anew by itself but one's own duty, and what names anybody once something of it has ended: each reading of colleagues is a look
 * on the register. */
import './roster.css';
import { Button } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { desk, type Handovers, type Me } from '../../protocol/http';
import { readDuty } from '../../state/duty';
import { CommandList } from '../../ui/CommandList';
import { type Command, meant } from '../../ui/commands';
import { account, clock as face, roleName } from '../../ui/format';
import { useEnds } from '../../ui/leaving';
import { go, homeOf, PATHS } from '../../ui/routes';
import { useDaylight } from '../../ui/Shell';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import { useKeys } from '../../ui/useKeys';
import { useReading } from '../../ui/useReading';
import { Changed } from './Changed';
import { OwnShift } from './OwnShift';
import { Part } from './Part';
import { Plan } from './Plan';
import { Shifts } from './Shifts';
import { sorted } from './sorting';
import { StaffList } from './StaffList';
import { useDoing } from '../../ui/useDoing';
import { Waiting } from './Waiting';

interface Props {
  readonly me: Me;
  readonly onEnded: () => void;
  readonly onSignOut: () => void;
}

const TOLD = ['registrar', 'reviewer'];
const ON_ROSTER = ['dispatcher', 'monitor', 'police_officer', 'probation_officer'];

const nothing = (): Promise<Handovers> => Promise.resolve({ own: [], waiting: [] });

export function Roster({ me, onEnded, onSignOut }: Props) {
  const { t, turn } = useText();
  const daylight = useDaylight();
  const [times, setTimes] = useState(0);
  const [listing, setListing] = useState(false);
  const refresh = useCallback(() => {
    setTimes((n) => n + 1);
    void readDuty();
  }, []);
  const roster = useReading(desk.roster, times);
  const duty = useReading(desk.duty, times);
  const planning = me.role === 'registrar';
  const own = ON_ROSTER.includes(me.role);
  // What a role may not ask for is not asked: a refusal would stand on the register.
  const handovers = useReading(own ? desk.handovers : nothing, times, useEnds());
  const out = [roster, duty].some((one) => one.state === 'signed-out');
  useEffect(() => {
    if (out) onEnded();
  }, [out, onEnded]);
  const commands: readonly Command[] = ([['refresh', 'r', refresh], ['day', 'n', daylight.turn], ['language', 'l', turn], ['open', '?', () => setListing(true)]] as const)
    .map(([id, key, run]) => ({ id, key, run, roles: 'all' as const, ready: true, confirms: false }));
  useKeys((event) => {
    const command = meant(commands, event, me.role);
    if (command) event.preventDefault();
    command?.run();
  });
  const removing = useDoing(t, refresh);
  const now = roster.state === 'ready' ? roster.value.at : 0;
  const withdraw = planning ? (id: string) => removing.run(() => desk.withdrawShift(id).then(() => null)) : null;

  return (
    <main className="r-page">
      <header className="j-head">
        <div>
          <h1>{t.roster.title}</h1>
          <p className="j-dim"><strong>{roleName(t, me.role)}</strong> · <span data-weight="written">{account(t, me.name)}</span> · {t.roster.lead}</p>
        </div>
        <div className="r-actions">
          {roster.state === 'ready' ? <span className="j-num">{t.roster.readAt} {face(now)}</span> : null}
          <Button variant="default" size="compact-md" onClick={refresh} aria-keyshortcuts="r">{t.roster.refresh}</Button>
          <Button variant="default" size="compact-md" onClick={() => setListing(true)} aria-label={t.commands.open}>?</Button>
          <Turns />
          <Button variant="default" size="compact-md" onClick={() => go(homeOf(me.role) ?? PATHS.doors)}>{t.roster.back}</Button>
          <Button variant="default" size="compact-md" onClick={onSignOut}>{t.signIn.out}</Button>
        </div>
      </header>
      <div className="r-columns">
        <div className="r-column">
          {own && roster.state === 'ready' ? (
            <OwnShift me={me} duty={duty} handovers={handovers} earlyS={roster.value.early_s} now={now} onDone={refresh} />
          ) : null}
          {own ? <Waiting me={me} handovers={handovers} onDone={refresh} /> : null}
          {planning && roster.state === 'ready' ? <Plan roster={roster.value} onDone={refresh} /> : null}
        </div>
        <div className="r-column">
          <Part id="now" title={t.roster.now.title} reading={roster}>
            {(said) => <Shifts roster={said} shifts={sorted(said).on} now={now} none={t.roster.now.none} onWithdraw={null} />}
          </Part>
          <Part id="next" title={t.roster.next.title} reading={roster} doing={removing}>
            {(said) => <Shifts roster={said} shifts={sorted(said).next} now={now} none={t.roster.next.none} onWithdraw={withdraw} />}
          </Part>
          {TOLD.includes(me.role) ? (
            <Part id="accounts" title={t.roster.accounts.title} reading={roster}>
              {(said) => <Changed accounts={said.accounts} />}
            </Part>
          ) : null}
        </div>
      </div>
      {planning && roster.state === 'ready' ? <div className="r-below"><StaffList roster={roster.value} onDone={refresh} /></div> : null}
      <CommandList commands={commands} role={me.role} opened={listing} onClose={() => setListing(false)} />
    </main>
  );
}
