/** One line for the log. It must never lose what was typed before the desk has it. */
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type RefObject, useState } from 'react';
import { desk } from '../../protocol/http';
import { useText } from '../../ui/text';

const LONGEST = 200;

export function LogForm({ incident, box }: { readonly incident: string; readonly box: RefObject<HTMLInputElement | null> }) {
  const { t } = useText();
  const [line, setLine] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy || line.trim() === '') return;
    setBusy(true);
    try {
      await desk.log(incident, line);
      setLine('');
      setFailed(false);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="c-log" onSubmit={(event) => void submit(event)}>
      <TextInput
        ref={box} size="sm" value={line} maxLength={LONGEST} placeholder={t.log.placeholder} aria-label={t.log.label} autoComplete="off"
        error={failed ? t.log.failed : undefined} onChange={(event) => setLine(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <Button type="submit" variant="default" size="sm" disabled={line.trim() === ''}>{t.log.go}</Button>
    </form>
  );
}
