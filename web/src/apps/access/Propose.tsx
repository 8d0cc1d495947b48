/** Proposing to share of one person with another agency. It must never offer where somebody is, nor a time past the law's. */
import { Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { desk } from '../../protocol/http';
import { deskNow, type DeskClock, localNow } from '../../state/time';
import { called, isId } from '../../ui/access';
import { date } from '../../ui/format';
import { useText } from '../../ui/text';
import { typed } from '../../ui/times';
import { useDoing } from '../../ui/useDoing';
import { useReading } from '../../ui/useReading';

const SHARED = ['person', 'order', 'incident'] as const;
const PURPOSES = [
  'TRIAL', 'INVESTIGATION_COURT', 'EXTENSION_CLAIM', 'VIOLATION_OFFENCE', 'COMPLIANCE_CHECK', 'JOINT_RESPONSE', 'SUPERVISION',
] as const;
const WEEK_S = 7 * 86_400;

interface Props {
  readonly agency: string;
  readonly longest: number;
  readonly clock: DeskClock;
  readonly onDone: () => void;
}

export function Propose({ agency, longest, clock, onDone }: Props) {
  const { t } = useText();
  const { agreements: said } = t.asked;
  const agencies = useReading(desk.agencies, 0);
  const [data, setData] = useState<readonly string[]>(['person']);
  const doing = useDoing(t, onDone, t.asked.refused);
  const others = agencies.state === 'ready' ? agencies.value.filter((one) => one.id !== agency) : [];
  const now = clock.heard === null ? localNow() : deskNow(clock, localNow());

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const said_of = (name: string) => String(form.get(name)).trim();
    const until = typed(said_of('until'));
    if (until === null || data.length === 0 || !isId(said_of('subject'))) return;
    doing.run(() => desk.propose({
      other: said_of('other'), subject: said_of('subject'), data, purpose: said_of('purpose'), article: said_of('article'), until, reason: said_of('reason'),
    }).then(() => said.done));
  }

  return (
    <details className="a-more">
      <summary>{said.propose}</summary>
      <form className="a-form" onSubmit={submit}>
        <NativeSelect name="other" label={said.other} data={others.map((one) => ({ value: one.id, label: one.name }))} data-weight="written" />
        <TextInput name="subject" label={said.subject} required autoComplete="off" pattern="[0-9a-fA-F\-]{36}" />
        <fieldset>
          <legend>{said.data}</legend>
          {SHARED.map((each) => (
            <Checkbox
              key={each} mt={6} checked={data.includes(each)} label={called(t.access.data, each)}
              onChange={(event) => setData(event.currentTarget.checked ? [...data, each] : data.filter((one) => one !== each))}
            />
          ))}
        </fieldset>
        <NativeSelect name="purpose" label={said.purpose} data={PURPOSES.map((one) => ({ value: one, label: called(t.access.purposes, one) }))} />
        <TextInput name="article" label={said.article} required minLength={5} maxLength={120} autoComplete="off" />
        <TextInput name="until" type="date" label={said.until} required defaultValue={date(now + WEEK_S)} min={date(now + 86_400)} max={date(now + longest)} />
        <Textarea name="reason" label={said.reason} required minLength={10} maxLength={500} autosize />
        <Button type="submit" variant="default" loading={doing.busy} disabled={data.length === 0}>{said.go}</Button>
      </form>
      {doing.said ? <p className={doing.refused ? 'j-error' : 'a-said'} role={doing.refused ? 'alert' : 'status'}>{doing.said}</p> : null}
    </details>
  );
}
