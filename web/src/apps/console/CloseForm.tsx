/** Closing with cause, response and outcome, each from its closed list, and what each might be from what happened. It must
 * never choose for anybody, nor close with one click. */
import { Button, Modal, NativeSelect } from '@mantine/core';
import { type FormEvent, memo, useEffect, useState } from 'react';
import { type Choices, desk, Refusal, type Whole } from '../../protocol/http';
import { type Text, useText } from '../../ui/text';
import { type Field, suggested, type Suggestion } from './suggesting';

interface Props {
  readonly incident: string | null;
  readonly onDone: () => void;
}

type Chosen = Readonly<Record<Field, string>>;
const NOTHING: Chosen = { cause: '', response: '', outcome: '' };
const NONE = { cause: null, response: null, outcome: null };

function sentence(t: Text, error: unknown): string {
  if (!(error instanceof Refusal)) return t.closeForm.failed;
  if (error.code === 'still-going-on') return t.closeForm.going;
  if (error.code === 'nobody-came') return t.closeForm.nobody;
  return error.status === 403 ? t.closeForm.forbidden : t.closeForm.failed;
}

export const CloseForm = memo(({ incident, onDone }: Props) => {
  const { t } = useText();
  const [choices, setChoices] = useState<Choices | null>(null);
  const [whole, setWhole] = useState<Whole | null>(null);
  const [chosen, setChosen] = useState(NOTHING);
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setSaid(null);
    setChosen(NOTHING);
    setWhole(null);
    if (incident === null) return;
    desk.choices().then(setChoices, () => setSaid(t.closeForm.failed));
    // Without it the form only suggests nothing.
    desk.incident(incident).then(setWhole, () => undefined);
  }, [incident, t]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (incident === null) return;
    setBusy(true);
    try {
      await desk.close(incident, chosen);
      onDone();
    } catch (error) {
      setSaid(sentence(t, error));
    } finally {
      setBusy(false);
    }
  }

  const might = whole && choices ? suggested(whole, choices, chosen) : NONE;
  const choose = (name: Field, value: string) => setChosen((before) => ({ ...before, [name]: value }));
  const names: Readonly<Record<Field, Readonly<Record<string, string>>>> = {
    cause: t.closeForm.causes, response: t.closeForm.responses, outcome: t.closeForm.outcomes,
  };
  const list = (name: Field, keys: readonly string[]) => (
    <div key={name}>
      <NativeSelect
        name={name} data-autofocus={name === 'cause' || undefined} label={t.closeForm[name]} required size="md"
        value={chosen[name]} onChange={(event) => choose(name, event.currentTarget.value)}
        data={[{ value: '', label: t.closeForm.choose, disabled: true }, ...keys.map((value) => ({ value, label: names[name][value] ?? value }))]}
      />
      <Might one={might[name]} names={names[name]} chosen={chosen[name]} onUse={(value) => choose(name, value)} />
    </div>
  );
  return (
    <Modal
      opened={incident !== null} onClose={onDone} title={t.closeForm.title} lockScroll={false} transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t.closeForm.cancel }}
    >
      <form className="c-form" onSubmit={(event) => void submit(event)}>
        {choices ? [list('cause', choices.causes), list('outcome', choices.outcomes), list('response', choices.responses)] : null}
        {said ? <p className="j-error" role="alert">{said}</p> : null}
        <div className="c-actions">
          <Button type="submit" className="j-main" loading={busy} disabled={choices === null}>{t.closeForm.go}</Button>
          <Button variant="default" onClick={onDone}>{t.closeForm.cancel}</Button>
        </div>
      </form>
    </Modal>
  );
});

/** What it might be and why, as a button: the choice stays a person's. */
function Might({ one, names, chosen, onUse }: {
  readonly one: Suggestion | null; readonly names: Readonly<Record<string, string>>; readonly chosen: string; readonly onUse: (value: string) => void;
}) {
  const { t } = useText();
  if (one === null || one.value === chosen) return null;
  return (
    <p className="c-might" data-suggests={one.value}>
      <Button variant="default" size="compact-md" onClick={() => onUse(one.value)}>{t.closeForm.use(names[one.value] ?? one.value)}</Button>{' '}
      <span className="j-dim">{t.closeForm.from[one.from](one.what)}</span>
    </p>
  );
}
