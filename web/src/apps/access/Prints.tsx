/** The statutory register, opened as a page to print. It must never offer a form that the law's data does not have. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { date } from '../../ui/format';
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
