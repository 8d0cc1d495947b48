/** Breaking the glass: whose file, and why. It must never open one without a reason, nor say whether somebody exists whose case
 * is one's own. */
import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, memo, useEffect, useState } from 'react';
import { desk, Refusal } from '../../protocol/http';
import { isId, moment } from '../../ui/access';
import { type Text, useText } from '../../ui/text';
import type { Glass } from './glasses';

interface Props {
  readonly opened: boolean;
  readonly onOpened: (glass: Glass) => void;
  readonly onCancel: () => void;
}

export const LEAST = 10;

function sentence(t: Text, error: unknown): string {
  const status = error instanceof Refusal ? error.status : 0;
  const { forbidden, nobody, again, failed } = t.access.glass;
  return status === 403 ? forbidden : status === 404 ? nobody : status === 409 ? again : failed;
}

export const GlassForm = memo(({ opened, onOpened, onCancel }: Props) => {
  const { t } = useText();
  const { glass } = t.access;
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    // At the end of the last one: what is typed as soon as it stands open is kept.
    if (opened) return;
    setSubject('');
    setReason('');
    setSaid(null);
  }, [opened]);
  const whom = subject.trim().toLowerCase();
  const ready = isId(whom) && reason.trim().length >= LEAST;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    try {
      const { until } = await desk.glass(whom, reason.trim());
      onOpened({ subject: whom, until: moment(until) });
    } catch (error) {
      setSaid(sentence(t, error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened={opened} onClose={onCancel} title={glass.title} lockScroll={false} transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t.access.cancel }}
    >
      <p>{glass.lead}</p>
      <form className="c-form" onSubmit={(event) => void submit(event)}>
        <TextInput
          name="subject" label={glass.subject} size="md" required data-autofocus autoComplete="off" value={subject}
          error={subject !== '' && !isId(whom) ? t.access.register.filterWrong : null} onChange={(event) => setSubject(event.currentTarget.value)}
        />
        <Textarea
          name="reason" label={glass.reason} size="md" required minLength={LEAST} maxLength={500} autosize={false} rows={3} autoComplete="off"
          value={reason} onChange={(event) => setReason(event.currentTarget.value)}
        />
        {said ? <p className="j-error" role="alert">{said}</p> : null}
        <div className="c-actions">
          <Button type="submit" className="j-main" loading={busy} disabled={!ready}>{glass.go}</Button>
          <Button variant="default" onClick={onCancel}>{t.access.cancel}</Button>
        </div>
      </form>
    </Modal>
  );
});
