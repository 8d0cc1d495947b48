/** What she said yes to, each class with a switch, each yes with a pause and an end. It must never widen a yes: she is asked anew. */
import { Button, Switch } from '@mantine/core';
import { useState } from 'react';
import { type Agency, desk, type Words, type Yes } from '../../protocol/http';
import { Ask, type Question } from '../../ui/Ask';
import { called } from '../../ui/access';
import { date } from '../../ui/format';
import { useText } from '../../ui/text';
import { useDoing } from '../../ui/useDoing';
import type { Reading } from '../../ui/useReading';
import { Part } from './Part';
import { nameOf, open, stateOf, without } from './yeses';

interface Props {
  readonly reading: Reading<readonly Yes[]>;
  readonly agencies: readonly Agency[];
  readonly words: Words | null;
  readonly now: number;
  /** A support unit pauses and takes back for her, no more. */
  readonly whole: boolean;
  readonly labels: ReadonlyMap<string, string>;
  readonly onDone: () => void;
}

export function Given({ reading, agencies, words, now, whole, labels, onDone }: Props) {
  const { t, language } = useText();
  const { yes: said } = t.asked;
  const doing = useDoing(t, onDone, t.asked.refused);
  const [question, setQuestion] = useState<Question | null>(null);
  const told = words === null ? {} : words[language];
  const change = (one: Yes, state: string, data?: readonly string[]) =>
    doing.run(() => desk.changeConsent(one.id, { version: one.version, state, ...(data ? { data } : {}) }).then(() => said.changed));
  const takeBack = (one: Yes) => setQuestion({
    title: said.takeBackTitle, means: said.takeBackMeans, go: said.takeBackGo,
    run: () => desk.changeConsent(one.id, { version: one.version, state: 'withdrawn' }),
  });
  return (
    <Part id="given" title={said.title} reading={reading} doing={doing}>
      {(all) => all.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : (
        <>
          <p className="j-dim">{whole ? said.each : null}</p>
          <ul className="k-list">
            {all.map((one) => (
              <li key={one.id} className="k-card" data-consent={one.id} data-state={stateOf(one, now)}>
                <p className="k-line">
                  <strong data-weight="written">{nameOf(agencies, whole ? one.recipient : one.agency)}</strong>
                  {whole ? null : <span data-weight="written">{labels.get(one.person) ?? `…${one.person.slice(-8)}`}</span>}
                  <span>{said.states[stateOf(one, now)]}</span>
                  <span className="k-due j-num">{said.until(date(one.ends_at))}</span>
                </p>
                {one.data.map((each) => whole && open(one, now) ? (
                  <Switch
                    key={each} checked disabled={doing.busy} label={told[each] ?? called(t.access.data, each)} mt={6}
                    onChange={() => {
                      const left = without(one.data, each);
                      if (left === null) takeBack(one);
                      else change(one, 'narrowed', left);
                    }}
                  />
                ) : <p key={each}>· {told[each] ?? called(t.access.data, each)}</p>)}
                {open(one, now) ? (
                  <div className="k-actions">
                    {one.state === 'paused' && whole ? <Button variant="default" onClick={() => change(one, 'given')}>{said.resume}</Button> : null}
                    {one.state === 'paused' ? null : <Button variant="default" onClick={() => change(one, 'paused')}>{said.pause}</Button>}
                    <Button variant="default" onClick={() => takeBack(one)}>{said.takeBack}</Button>
                  </div>
                ) : null}
              </li>
            ))}
          </ul>
          <Ask question={question} onDone={(done) => (setQuestion(null), done ? onDone() : undefined)} />
        </>
      )}
    </Part>
  );
}
