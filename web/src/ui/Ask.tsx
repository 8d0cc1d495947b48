/** Asks again before something that cannot be taken back, and says what it does. It must never do it with one click. */
import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { Refusal } from '../protocol/http';
import { useText } from './text';

export interface Question {
  readonly title: string;
  readonly means: string;
  readonly go: string;
  readonly run: () => Promise<unknown>;
}

interface Props {
  readonly question: Question | null;
  /** After it was done, or given up. */
  readonly onDone: (done: boolean) => void;
}

export function Ask({ question, onDone }: Props) {
  const { t } = useText();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const over = (done: boolean) => {
    setSaid(null);
    onDone(done);
  };

  async function go() {
    if (question === null) return;
    setBusy(true);
    try {
      await question.run();
      over(true);
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 0;
      setSaid(status === 409 || status === 404 ? t.access.gone : status === 403 ? t.access.forbidden : t.access.notDone);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened={question !== null} onClose={() => over(false)} title={question?.title ?? ''} lockScroll={false} transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t.access.cancel }}
    >
      <p>{question?.means}</p>
      {said ? <p className="j-error" role="alert">{said}</p> : null}
      <div className="a-actions">
        <Button className="j-main" loading={busy} onClick={() => void go()}>{question?.go}</Button>
        <Button variant="default" data-autofocus onClick={() => over(false)}>{t.access.cancel}</Button>
      </div>
    </Modal>
  );
}
