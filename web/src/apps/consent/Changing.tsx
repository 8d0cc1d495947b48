/** A new name or number, and whom a change has reached. It must never show what stands in the file, nor what it is now. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useCallback, useRef, useState } from 'react';
import { type Agency, desk, type PersonChange } from '../../protocol/http';
import { Ask, type Question } from '../../ui/Ask';
import { called } from '../../ui/access';
import { account, clock as face, date } from '../../ui/format';
import { useText } from '../../ui/text';
import { useDoing } from '../../ui/useDoing';
import { useEnds } from '../../ui/leaving';
import { useReading } from '../../ui/useReading';
import { Part } from './Part';
import { nameOf, renewed } from './yeses';

interface Props {
  readonly person: string;
  readonly agencies: readonly Agency[];
  readonly times: number;
  readonly onDone: () => void;
}

export function Changing({ person, agencies, times, onDone }: Props) {
  const { t } = useText();
  const { changes: said } = t.asked;
  const changes = useReading(useCallback(() => desk.changes(person), [person]), times, useEnds());
  const doing = useDoing(t, onDone, said.unfit);
  const [question, setQuestion] = useState<Question | null>(null);
  const written = useRef<HTMLFormElement>(null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const change = renewed(String(form.get('label')), String(form.get('identifier')), String(form.get('telephones')));
    const run = () => desk.changePerson(person, change).then((what) => (written.current?.reset(), what.length > 0 ? said.done : said.same));
    if (Object.keys(change).length === 0) doing.run(() => Promise.resolve(said.empty));
    else setQuestion({ title: said.askTitle, means: said.askMeans, go: said.go, run: () => Promise.resolve(doing.run(run)) });
  }

  return (
    <Part id="changes" title={said.title} reading={changes} doing={doing}>
      {(all) => (
        <>
          <p>{said.lead}</p>
          <p className="j-dim">{said.stays}</p>
          <form className="k-form" onSubmit={submit} ref={written}>
            <TextInput name="label" label={said.label} maxLength={200} autoComplete="off" />
            <TextInput name="identifier" label={said.identifier} maxLength={128} autoComplete="off" />
            <Textarea name="telephones" label={said.telephones} rows={2} maxLength={300} autoComplete="off" />
            <p className="j-dim">{said.means}</p>
            <Button type="submit" variant="default" loading={doing.busy}>{said.ask}</Button>
          </form>
          <p className="j-dim">{said.address}</p>
          <h3>{said.reached}</h3>
          {all.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : <ul className="k-list">{all.map((one) => <Change key={one.id} one={one} agencies={agencies} />)}</ul>}
          <Ask question={question} onDone={() => setQuestion(null)} />
        </>
      )}
    </Part>
  );
}

function Change({ one, agencies }: { readonly one: PersonChange; readonly agencies: readonly Agency[] }) {
  const { t } = useText();
  const { changes: said } = t.asked;
  const detection = one.log === 'none' ? null : said.detection[one.log];
  return (
    <li className="k-card" data-change={one.what.join(' ')}>
      <p className="k-line">
        <strong>{one.what.map((each) => called(said.what, each)).join(', ')}</strong>
        <span className="j-num">{date(one.at)} {face(one.at)}</span>
        <span data-weight="written">{nameOf(agencies, one.agency)}{one.name === null ? '' : ` · ${account(t, one.name)}`}</span>
      </p>
      <ul className="k-reached">
        {one.holders.map((each) => (
          <li key={each.agency} data-state={each.state}>
            <span data-weight="written">{nameOf(agencies, each.agency)}</span>: {called(said.states, each.state)}
            {each.read_at === null ? null : <> <span className="j-num">{date(each.read_at)} {face(each.read_at)}</span></>}
          </li>
        ))}
        {detection === null ? null : <li data-state={one.log}>{detection}</li>}
        <li className="j-dim">{one.what.includes('address') ? said.noPlace : said.nothing}</li>
      </ul>
    </li>
  );
}
