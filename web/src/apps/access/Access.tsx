/** The privacy officer's page: what to judge, what looks unusual, who looked, who may. It must never read anything anew by
 * itself: each reading is a look on the register. */
import './access.css';
import { Button } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { desk, type Me } from '../../protocol/http';
import { CommandList } from '../../ui/CommandList';
import { meant } from '../../ui/commands';
import { account, clock as face, roleName } from '../../ui/format';
import { Age } from '../../ui/Age';
import { go, PATHS } from '../../ui/routes';
import { useDaylight } from '../../ui/Shell';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import { useKeys } from '../../ui/useKeys';
import { useReading } from '../../ui/useReading';
import { Ask, type Question } from './Ask';
import { commandsOf } from './commandsOf';
import { Grants } from './Grants';
import { Policies } from './Policies';
import { Register } from './Register';
import { ToJudge } from './ToJudge';
import { Unusuals } from './Unusuals';
import { type Filter, useRegister } from './useRegister';

interface Props {
  readonly me: Me;
  readonly onEnded: () => void;
  readonly onSignOut: () => void;
}

/** What is older asks to be read anew. */
const PROMISE_S = 300;
const grants = () => desk.grants().then((said) => said.grants);
const unusual = () => desk.unusual().then((said) => said.unusual);
const policies = () => desk.policies().then((said) => said.policies);

export function Access({ me, onEnded, onSignOut }: Props) {
  const { t, turn } = useText();
  const daylight = useDaylight();
  const [times, setTimes] = useState(0);
  const [filter, setFilter] = useState<Filter>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [listing, setListing] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const held = useReading(grants, times);
  const odd = useReading(unusual, times);
  const rules = useReading(policies, 0);
  const register = useRegister(filter, times);
  const { clock } = register;
  const refresh = useCallback(() => setTimes((n) => n + 1), []);
  const out = [held, odd, rules, register.reading].some((one) => one.state === 'signed-out');
  useEffect(() => {
    if (out) onEnded();
  }, [out, onEnded]);
  const commands = commandsOf({ refresh, filter: () => box.current?.focus(), list: () => setListing(true), day: daylight.turn, language: turn });
  useKeys((event) => {
    const command = meant(commands, event, me.role);
    if (command) event.preventDefault();
    command?.run();
  });
  const at = clock.heard === null ? null : clock.heard + clock.offset;

  return (
    <main className="a-page">
      <header className="j-head">
        <div>
          <h1>{t.access.title}</h1>
          <p className="j-dim"><strong>{roleName(t, me.role)}</strong> · {account(t, me.name)} · {t.access.lead}</p>
        </div>
        <div className="a-actions">
          {at === null ? null : <span className="j-num">{t.access.readAt} {face(at)} · <Age at={at} clock={clock} promise={PROMISE_S} /></span>}
          <Button variant="default" size="compact-md" onClick={refresh} aria-keyshortcuts="r">{t.access.refresh}</Button>
          <Button variant="default" size="compact-md" onClick={() => setListing(true)} aria-label={t.commands.open}>?</Button>
          <Button variant="default" size="compact-md" onClick={() => go(PATHS.roster)}>{t.roster.open}</Button>
          <Turns />
          <Button variant="default" size="compact-md" onClick={onSignOut}>{t.signIn.out}</Button>
        </div>
      </header>
      <div className="a-columns">
        <div className="a-column">
          <ToJudge reading={held} clock={clock} me={me.account} onAsk={setQuestion} />
          <Unusuals reading={odd} clock={clock} me={me.account} onShow={(id) => setFilter({ of: 'account', id })} />
          <Grants reading={held} clock={clock} me={me.account} onAsk={setQuestion} />
        </div>
        <div className="a-column">
          <Register register={register} filter={filter} clock={clock} me={me.account} box={box} onFilter={setFilter} />
        </div>
      </div>
      <Policies reading={rules} />
      <Ask
        question={question}
        onDone={(done) => {
          setQuestion(null);
          if (done) refresh();
        }}
      />
      <CommandList commands={commands} role={me.role} opened={listing} onClose={() => setListing(false)} />
    </main>
  );
}
