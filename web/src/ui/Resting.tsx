/**
 * What a destruction waits for an answer to, and what it keeps for whose sake. It must never let somebody answer what they
 * asked for themselves.
 */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { desk, type Destruction } from '../protocol/http';
import { answers } from './steps';
import { useText } from './text';
import type { Doing } from './useDoing';

interface Props {
  readonly one: Destruction;
  readonly me: { readonly account: string; readonly agency: string };
  readonly doing: Doing;
  /** An agency as this page calls it. */
  readonly named: (id: string) => ReactNode;
  readonly actions: string;
}

export function Resting({ one, me, doing, named, actions }: Props) {
  const { t } = useText();
  const { destructions: said } = t.asked;
  const what = answers(one, me);
  const answer = (yes: boolean) => doing.run(() => desk.answerInquiry(one.id, yes).then(() => said.done));
  return (
    <>
      {what === null ? null : (
        <div className={actions}>
          <span>{what === 'inquiry' ? said.inquiry : said.letGo}:</span>
          <Button variant="default" disabled={doing.busy} onClick={() => answer(true)}>{what === 'inquiry' ? said.confirmed : said.letsGo}</Button>
          <Button variant="default" disabled={doing.busy} onClick={() => answer(false)}>{what === 'inquiry' ? said.notConfirmed : said.needs}</Button>
        </div>
      )}
      {one.decided_at === null && one.asked.length > 0 ? (
        <ul>
          {one.asked.map((each) => <li key={each.agency}>{named(each.agency)}: {said.letting[each.agreed === null ? 'unsaid' : each.agreed ? 'yes' : 'no']}</li>)}
        </ul>
      ) : null}
      {one.kept.length === 0 ? null : (
        <ul data-testid="kept">
          {one.kept.map((each) => (
            <li key={each.order}>
              {said.keptOrder} {each.parties.length > 0 ? said.keptParty : null} {each.agencies.length === 0 ? null : (
                <>{said.keptAgency}: {each.agencies.map((id) => <span key={id}>{named(id)} </span>)}</>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
