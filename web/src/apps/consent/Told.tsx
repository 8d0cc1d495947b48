/** Who looked at her file, told to her, and what is printed for either party. It must never name a member of staff. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { desk, type HerLook, Refusal } from '../../protocol/http';
import { called } from '../../ui/access';
import { clock as date, roleName } from '../../ui/format';
import { useText } from '../../ui/text';
import { Part, READY } from './Part';

export function Told({ person }: { readonly person: string }) {
  const { t } = useText();
  const { told: said } = t.asked;
  const [looks, setLooks] = useState<readonly HerLook[] | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    setLooks(null);
    setRefused(null);
  }, [person]);
  const show = () => void desk.herLooks(person).then(
    (found) => (setLooks(found), setRefused(null)),
    (error: unknown) => setRefused(error instanceof Refusal && error.status === 409 ? said.respondent : t.asked.refused),
  );
  return (
    <Part id="told" title={said.title} reading={READY}>
      {() => (
        <>
          <p>{said.lead}</p>
          <div className="k-actions">
            <Button variant="default" onClick={show}>{said.show}</Button>
            <a href={`/api/prints/looks/${person}`} target="_blank" rel="noopener">{said.print}</a>
          </div>
          {refused ? <p className="j-error" role="alert">{refused}</p> : null}
          {looks === null ? null : looks.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : <Looks looks={looks} />}
          <p><a href={`/api/prints/own-data/${person}`} target="_blank" rel="noopener">{said.own}</a></p>
          <p className="j-dim">{said.ownMeans}</p>
        </>
      )}
    </Part>
  );
}

function Looks({ looks }: { readonly looks: readonly HerLook[] }) {
  const { t } = useText();
  const { told: said } = t.asked;
  return (
    <div className="k-table" tabIndex={0} role="region" aria-label={said.show}>
      <table>
        <thead><tr>{[said.when, said.agency, said.role, said.purpose, said.article].map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
        <tbody>
          {looks.map((one, place) => (
            <tr key={place}>
              <td className="j-num">{date(one.at)}</td>
              <td data-weight="written">{one.agency}</td>
              <td>{one.role === null ? '' : roleName(t, one.role)}{one.allowed ? '' : ` (${said.refused})`}</td>
              <td>{called(t.access.purposes, one.purpose)}</td>
              <td lang="ko">{one.article}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
