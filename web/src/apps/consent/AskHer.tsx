/** The question, read to her in her language before she says yes to any of it. It must never tick anything for her. */
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Agency, desk, type Words } from '../../protocol/http';
import { date } from '../../ui/format';
import { type Language, useText } from '../../ui/text';
import { typed } from '../../ui/times';
import { useDoing } from '../../ui/useDoing';
import { Part, READY } from './Part';

const MONTH_S = 30 * 86_400;
const ASKED = ['person', 'order', 'incident'] as const;

interface Props {
  readonly person: string;
  readonly words: Words;
  readonly agencies: readonly Agency[];
  readonly now: number;
  readonly onDone: () => void;
}

export function AskHer({ person, words, agencies, now, onDone }: Props) {
  const { t, language: own } = useText();
  const { ask: said } = t.asked;
  const [language, setLanguage] = useState<Language>(own);
  const [data, setData] = useState<readonly string[]>([]);
  const doing = useDoing(t, onDone, t.asked.refused);
  const units = agencies.filter((one) => one.kind === 'support');
  const told = words[language];

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const until = typed(String(form.get('until')));
    if (until === null || data.length === 0) return;
    doing.run(() => desk.consent({ person, recipient: String(form.get('recipient')), data, until, language }).then(() => (setData([]), said.done)));
  }

  if (units.length === 0) return <Part id="ask" title={said.title} reading={READY}>{() => <p className="j-empty"><strong>{said.noRecipient}</strong></p>}</Part>;
  return (
    <Part id="ask" title={said.title} reading={READY} doing={doing}>
      {() => (
        <form className="k-form" onSubmit={submit}>
          <NativeSelect
            name="language" label={said.language} value={language} onChange={(event) => setLanguage(event.currentTarget.value === 'ko' ? 'ko' : 'en')}
            data={[{ value: 'ko', label: said.ko }, { value: 'en', label: said.en }]}
          />
          <p className="k-words" lang={language}>{told.ask}</p>
          <fieldset className="k-part">
            <legend>{said.each}</legend>
            {ASKED.map((each) => (
              <Checkbox
                key={each} name={each} mt={8} size="md" checked={data.includes(each)} label={<span lang={language}>{told[each]}</span>}
                onChange={(event) => setData(event.currentTarget.checked ? [...data, each] : data.filter((one) => one !== each))}
              />
            ))}
            <p className="j-dim">{said.never}</p>
          </fieldset>
          <NativeSelect name="recipient" label={said.recipient} data={units.map((one) => ({ value: one.id, label: one.name }))} data-weight="written" />
          <TextInput name="until" type="date" label={said.until} required defaultValue={date(now + MONTH_S)} max={date(now + words.longest_s)} min={date(now + 86_400)} />
          <Button type="submit" className="j-main" loading={doing.busy} disabled={data.length === 0}>{said.go}</Button>
        </form>
      )}
    </Part>
  );
}
