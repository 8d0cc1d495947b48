/** Consent with her present, for registrars; those who said yes, for support; who is to be called back, for the 112 room. It must
 * never read anything of anybody before a person was chosen who is there. */
import './consent.css';
import { Button, NativeSelect } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { desk, type Destructions, type Me } from '../../protocol/http';
import { deskNow, type DeskClock, heard, localNow, UNSET } from '../../state/time';
import { CommandList } from '../../ui/CommandList';
import { type Command, meant } from '../../ui/commands';
import { account, label, roleName } from '../../ui/format';
import { useEnds } from '../../ui/leaving';
import { go, PATHS } from '../../ui/routes';
import { useDaylight } from '../../ui/Shell';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import { useKeys } from '../../ui/useKeys';
import { useReading } from '../../ui/useReading';
import { AskHer } from './AskHer';
import { Calls } from './Calls';
import { Changing } from './Changing';
import { Ending } from './Ending';
import { Given } from './Given';
import { Monitoring } from './Monitoring';
import { Moving } from './Moving';
import { Part } from './Part';
import { Told } from './Told';

interface Props {
  readonly me: Me;
  readonly onEnded: () => void;
  readonly onSignOut: () => void;
}

const NONE = '';
/** What a role may not ask for is not asked: a refusal would stand on the register. */
const nothing = (): Promise<Destructions> => Promise.resolve({ destructions: [], events: [] });

export function Consent({ me, onEnded, onSignOut }: Props) {
  const { t, turn } = useText();
  const daylight = useDaylight();
  const [times, setTimes] = useState(0);
  const [person, setPerson] = useState(NONE);
  const [clock, setClock] = useState<DeskClock>(UNSET);
  const refresh = useCallback(() => setTimes((n) => n + 1), []);
  const registrar = me.role === 'registrar';
  const ends = useEnds();
  const people = useReading(desk.people, times, ends);
  const agencies = useReading(desk.agencies, 0);
  const words = useReading(desk.words, 0);
  const calls = useReading(desk.withdrawals, times, ends);
  const read = useCallback(() => (me.role === 'dispatcher' || (registrar && person === NONE) ? Promise.resolve([]) : desk.consents(registrar ? person : null)), [me.role, registrar, person]);
  const given = useReading(read, times, ends);
  const endings = useReading(registrar ? desk.destructions : nothing, times, ends);
  const out = [people, agencies, calls, given, endings].some((one) => one.state === 'signed-out');
  useEffect(() => {
    if (out) onEnded();
  }, [out, onEnded]);
  const known = people.state !== 'ready' || person === NONE || people.value.some((one) => one.id === person);
  useEffect(() => {
    if (!known) setPerson(NONE);
  }, [known]);
  useEffect(() => {
    if (calls.state === 'ready') setClock(heard(calls.value.at, localNow()));
  }, [calls]);
  const labels = useMemo(
    () => new Map(people.state === 'ready' ? people.value.map((one) => [one.id, label(t, one.label) ?? one.label]) : []), [people, t],
  );
  const units = agencies.state === 'ready' ? agencies.value : [];
  const now = deskNow(clock, localNow());
  const said = words.state === 'ready' ? words.value : null;
  const [listing, setListing] = useState(false);
  const commands: readonly Command[] = ([['refresh', 'r', refresh], ['day', 'n', daylight.turn], ['language', 'l', turn], ['open', '?', () => setListing(true)]] as const)
    .map(([id, key, run]) => ({ id, key, run, roles: 'all' as const, ready: true, confirms: false }));
  useKeys((event) => {
    const command = meant(commands, event, me.role);
    if (command) event.preventDefault();
    command?.run();
  });
  const title = registrar ? t.asked.title : me.role === 'supporter' ? t.asked.helpTitle : t.asked.callsTitle;
  return (
    <main className="k-page" data-testid="duties">
      <header className="k-head">
        <div>
          <h1>{title}</h1>
          <p className="j-dim"><strong>{roleName(t, me.role)}</strong> · <span data-weight="written">{account(t, me.name)}</span> · {t.asked.lead}</p>
        </div>
        <div className="k-actions">
          <Button variant="default" size="compact-md" onClick={refresh} aria-keyshortcuts="r">{t.asked.refresh}</Button>
          <Button variant="default" size="compact-md" onClick={() => setListing(true)} aria-label={t.commands.open}>?</Button>
          {registrar ? <Button variant="default" size="compact-md" onClick={() => go(PATHS.roster)}>{t.asked.roster}</Button> : null}
          {me.role === 'dispatcher' ? <Button variant="default" size="compact-md" onClick={() => go(PATHS.console)}>{t.asked.console}</Button> : null}
          <Turns />
          <Button variant="default" size="compact-md" onClick={onSignOut}>{t.signIn.out}</Button>
        </div>
      </header>
      {registrar ? (
        <Part id="person" title={t.asked.person.title} reading={people}>
          {(all) => all.length === 0 ? <p className="j-empty"><strong>{t.asked.person.none}</strong></p> : (
            <>
              <NativeSelect
                name="person" label={t.asked.person.choose} size="md" value={person} onChange={(event) => setPerson(event.currentTarget.value)} data-weight="written"
                data={[{ value: NONE, label: '—' }, ...all.filter((one) => one.agency === me.agency).map((one) => ({ value: one.id, label: labels.get(one.id) ?? one.id }))]}
              />
              {person === NONE ? <p className="j-dim">{t.asked.person.first}</p> : null}
            </>
          )}
        </Part>
      ) : null}
      <div className="k-columns">
        <div className="k-column">
          {me.role === 'supporter' || (registrar && person !== NONE) ? (
            <Given reading={given} agencies={units} words={said} now={now} whole={registrar} labels={labels} onDone={refresh} />
          ) : null}
          {registrar && person !== NONE && said ? <AskHer key={person} person={person} words={said} agencies={units} now={now} onDone={refresh} /> : null}
          {me.role === 'dispatcher' ? <Calls reading={calls} clock={clock} labels={labels} calling onDone={refresh} /> : null}
        </div>
        <div className="k-column">
          {registrar && person !== NONE ? <Changing key={`changing ${person}`} person={person} agencies={units} times={times} onDone={refresh} /> : null}
          {registrar && person !== NONE ? <Moving key={`moving ${person}`} person={person} times={times} onDone={refresh} /> : null}
          {registrar && person !== NONE ? <Monitoring key={person} person={person} onDone={refresh} /> : null}
          {registrar ? <Calls reading={calls} clock={clock} labels={labels} calling={false} onDone={refresh} /> : null}
          {registrar && person !== NONE ? <Told person={person} /> : null}
          {registrar ? <Ending reading={endings} person={person === NONE ? null : person} labels={labels} agencies={units} me={me} now={now} onDone={refresh} /> : null}
        </div>
      </div>
      <CommandList commands={commands} role={me.role} opened={listing} onClose={() => setListing(false)} />
    </main>
  );
}
