/** Her words, and her no to being monitored. It must never show a word again, nor end anything by itself. */
import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { desk } from '../../protocol/http';
import { Ask, type Question } from '../../ui/Ask';
import { useText } from '../../ui/text';
import { useDoing } from '../../ui/useDoing';
import { Part, READY } from './Part';

interface Props {
  readonly person: string;
  readonly onDone: () => void;
}

export function Monitoring({ person, onDone }: Props) {
  const { t } = useText();
  const { monitoring: said } = t.asked;
  const doing = useDoing(t, onDone, said.alike);
  const [question, setQuestion] = useState<Question | null>(null);
  const [told, setTold] = useState<string | null>(null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const written = event.currentTarget;
    const form = new FormData(written);
    doing.run(() => desk.safeWords(person, String(form.get('word')), String(form.get('duress'))).then(() => (written.reset(), said.kept)));
  }

  const withdraw = () => setQuestion({
    title: said.withdrawTitle, means: said.withdrawMeans, go: said.withdrawGo,
    run: () => desk.withdraw(person).then((made) => setTold(made.at_once ? said.atOnce : said.waits)),
  });
  return (
    <Part id="monitoring" title={said.title} reading={READY} doing={doing}>
      {() => (
        <>
          <p>{said.lead}</p>
          <p className="j-dim">{said.stays}</p>
          <form className="k-form" onSubmit={submit}>
            <p>{said.alone}</p>
            <PasswordInput name="word" label={said.word} required maxLength={100} autoComplete="off" visibilityToggleButtonProps={{ style: { display: 'none' } }} />
            <PasswordInput name="duress" label={said.duress} required maxLength={100} autoComplete="off" visibilityToggleButtonProps={{ style: { display: 'none' } }} />
            <Button type="submit" variant="default" loading={doing.busy}>{said.keep}</Button>
          </form>
          <div className="k-form">
            <Button variant="default" onClick={withdraw}>{said.withdraw}</Button>
            {told ? <p className="k-said" role="status">{told}</p> : null}
          </div>
          <Ask question={question} onDone={(done) => (setQuestion(null), done ? onDone() : undefined)} />
        </>
      )}
    </Part>
  );
}
