/** The statutory register, opened as a page to print, and whom one of its names means. It must never offer a form that the law's
 * data does not have, nor show a name before it was asked for. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { desk, Refusal } from '../../protocol/http';
import { isId } from '../../ui/access';
import { account, date, label } from '../../ui/format';
import { useEnds } from '../../ui/leaving';
import { useText } from '../../ui/text';
import { typed } from '../../ui/times';
import { Part } from './Part';

const FORMS = ['44-10', '22'] as const;
const MONTH_S = 30 * 86_400;
const DAY_S = 86_400;

export function Prints({ now }: { readonly now: number }) {
  const { t } = useText();
  const { prints: said } = t.asked;

  function open(form: FormData) {
    const [from, until] = [typed(String(form.get('from'))), typed(String(form.get('until')))];
    if (from === null || until === null) return;
    const asked = new URLSearchParams({ form: String(form.get('form')), from, until });
    window.open(`/api/prints/statutory-register?${asked.toString()}`, '_blank', 'noopener');
  }

  return (
    <Part id="prints" title={said.title} reading={{ state: 'ready', value: null }}>
      {() => (
        <form className="a-form" action={open}>
          <p>{said.lead}</p>
          <NativeSelect name="form" label={said.form} data={FORMS.map((one) => ({ value: one, label: said.forms[one] }))} />
          <TextInput name="from" type="date" label={said.from} required defaultValue={date(now - MONTH_S)} />
          <TextInput name="until" type="date" label={said.until} required defaultValue={date(now + DAY_S)} />
          <Button type="submit" variant="default">{said.go}</Button>
        </form>
      )}
    </Part>
  );
}

export function Whose() {
  const { t } = useText();
  const { whose: said } = t.asked;
  const [found, setFound] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const ends = useEnds();
  useEffect(() => setFound(null), [ends]);

  function ask(form: FormData) {
    const [statement, pseudonym] = [String(form.get('statement')).trim(), String(form.get('pseudonym')).trim()];
    setFound(null);
    setRefused(isId(statement) ? null : said.none);
    if (!isId(statement)) return;
    desk.pseudonym(statement, pseudonym).then(
      ({ person, account: colleague }) => setFound(colleague === null ? label(t, person?.label ?? null) ?? said.destroyed : account(t, colleague.name)),
      (error: unknown) => setRefused(error instanceof Refusal && error.status === 404 ? said.none : t.asked.refused),
    );
  }

  return (
    <Part id="whose" title={said.title} reading={{ state: 'ready', value: null }}>
      {() => (
        <form className="a-form" action={ask}>
          <p>{said.lead}</p>
          <TextInput name="statement" label={said.statement} required maxLength={36} autoComplete="off" />
          <TextInput name="pseudonym" label={said.pseudonym} required maxLength={40} autoComplete="off" />
          <Button type="submit" variant="default">{said.ask}</Button>
          {found === null ? null : <p role="status"><strong data-weight="written">{found}</strong></p>}
          {refused === null ? null : <p className="j-error" role="alert">{refused}</p>}
        </form>
      )}
    </Part>
  );
}
