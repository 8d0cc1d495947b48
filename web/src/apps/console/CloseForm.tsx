/** Closing with cause, response and outcome, each from its closed list. It must never close with one click. */
import { Button, Modal, NativeSelect } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { type Choices, desk, Refusal } from '../../protocol/http';
import { type Text, useText } from '../../ui/text';

interface Props {
  readonly incident: string | null;
  readonly onDone: () => void;
}

function sentence(t: Text, error: unknown): string {
  if (!(error instanceof Refusal)) return t.closeForm.failed;
  if (error.code === 'still-going-on') return t.closeForm.going;
  if (error.code === 'nobody-came') return t.closeForm.nobody;
  return error.status === 403 ? t.closeForm.forbidden : t.closeForm.failed;
}

function named(names: Readonly<Record<string, string>>, keys: readonly string[]) {
  return keys.map((value) => ({ value, label: names[value] ?? value }));
}

export function CloseForm({ incident, onDone }: Props) {
  const { t } = useText();
  const [choices, setChoices] = useState<Choices | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const opened = incident !== null;
  useEffect(() => {
    setSaid(null);
    if (opened) desk.choices().then(setChoices, () => setSaid(t.closeForm.failed));
  }, [opened, t]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (incident === null) return;
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name));
    setBusy(true);
    try {
      await desk.close(incident, { cause: field('cause'), response: field('response'), outcome: field('outcome') });
      onDone();
    } catch (error) {
      setSaid(sentence(t, error));
    } finally {
      setBusy(false);
    }
  }

  const list = (name: 'cause' | 'response' | 'outcome', names: Readonly<Record<string, string>>, keys: readonly string[]) => (
    <NativeSelect
      key={name} name={name} data-autofocus={name === 'cause' || undefined} label={t.closeForm[name]} required size="md" defaultValue=""
      data={[{ value: '', label: t.closeForm.choose, disabled: true }, ...named(names, keys)]}
    />
  );
  return (
    <Modal
      opened={opened} onClose={onDone} title={t.closeForm.title} lockScroll={false} transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t.closeForm.cancel }}
    >
      <form className="c-form" onSubmit={(event) => void submit(event)}>
        {choices ? (
          <>
            {list('cause', t.closeForm.causes, choices.causes)}
            {list('response', t.closeForm.responses, choices.responses)}
            {list('outcome', t.closeForm.outcomes, choices.outcomes)}
          </>
        ) : null}
        {said ? <p className="j-error" role="alert">{said}</p> : null}
        <div className="c-actions">
          <Button type="submit" className="j-main" loading={busy} disabled={choices === null}>{t.closeForm.go}</Button>
          <Button variant="default" onClick={onDone}>{t.closeForm.cancel}</Button>
        </div>
      </form>
    </Modal>
  );
}
