/** The privacy officer's page: what to judge, what looks unusual, who looked, who may. It must never read anything anew by
 * itself unless something it may show has ended: each reading is a look on the register. */
import './access.css';
import { Button } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Agreements as AgreementsRead, desk, type Destructions as DestructionsRead, type Grant, type Look, type Me, type Unusual } from '../../protocol/http';
import { isId } from '../../ui/access';
import { CommandList } from '../../ui/CommandList';
import { meant } from '../../ui/commands';
import { account, clock as face, roleName } from '../../ui/format';
import { Age } from '../../ui/Age';
import { useEnds } from '../../ui/leaving';
import { go, PATHS } from '../../ui/routes';
import { useDaylight } from '../../ui/Shell';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import { useKeys } from '../../ui/useKeys';
import { type Reading, useReading } from '../../ui/useReading';
import { Ask, type Question } from '../../ui/Ask';
import { Agreements } from './Agreements';
import { Audit } from './Audit';
import { commandsOf } from './commandsOf';
import { Destructions } from './Destructions';
import { Grants } from './Grants';
import { Names, useNames } from './names';
import { Policies } from './Policies';
import { Prints, Whose } from './Prints';
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

/** Accounts and people that stand on this page by id. */
function seen(
  held: Reading<readonly Grant[]>, odd: Reading<readonly Unusual[]>, looks: Reading<readonly Look[]>, agreed: Reading<AgreementsRead>,
  ending: Reading<DestructionsRead>,
): readonly [readonly (string | null)[], readonly (string | null)[]] {
  const of = <T, >(reading: Reading<T>, none: T): T => (reading.state === 'ready' ? reading.value : none);
  const [grantsHeld, rows] = [of(held, []), of(looks, [])];
  return [
    [...grantsHeld.map((one) => one.account), ...of(odd, []).map((one) => one.account), ...rows.map((one) => one.account)],
    [
      ...grantsHeld.map((one) => one.subject), ...rows.filter((one) => isId(one.subject)).map((one) => one.subject),
      ...of(agreed, { agreements: [], longest_s: 0 }).agreements.map((one) => one.subject),
      ...of(ending, { destructions: [], events: [] }).destructions.map((one) => one.person),
    ],
  ];
}

const policies = () => desk.policies().then((said) => said.policies);

export function Access({ me, onEnded, onSignOut }: Props) {
  const { t, turn } = useText();
  const daylight = useDaylight();
  const [times, setTimes] = useState(0);
  const [filter, setFilter] = useState<Filter>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [listing, setListing] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const ends = useEnds();
  const held = useReading(grants, times, ends);
  const odd = useReading(unusual, times, ends);
  const rules = useReading(policies, 0);
  const register = useRegister(filter, times + ends);
  const agreed = useReading(desk.agreements, times, ends);
  const ending = useReading(desk.destructions, times, ends);
  const ledger = useReading(desk.ledger, times);
  const { clock } = register;
  const names = useNames(...seen(held, odd, register.reading, agreed, ending), ends);
  const refresh = useCallback(() => setTimes((n) => n + 1), []);
  const out = [held, odd, rules, register.reading, agreed, ending, ledger].some((one) => one.state === 'signed-out');
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
    <Names value={names}>
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
          <Agreements reading={agreed} clock={clock} agency={me.agency} onAsk={setQuestion} onDone={refresh} />
          <Grants reading={held} clock={clock} me={me.account} onAsk={setQuestion} />
        </div>
        <div className="a-column">
          <Register register={register} filter={filter} clock={clock} me={me.account} box={box} onFilter={setFilter} />
          <Prints now={at ?? Date.now() / 1000} />
          <Whose />
        </div>
      </div>
      <div className="a-columns a-below">
        <div className="a-column"><Destructions reading={ending} clock={clock} me={me} onAsk={setQuestion} onDone={refresh} /></div>
        <div className="a-column"><Audit reading={ledger} /></div>
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
    </Names>
  );
}
