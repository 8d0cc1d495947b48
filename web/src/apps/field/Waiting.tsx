/** What was pressed and has not reached the desk, and what the desk would not take. */
import type { Outbox } from '../../state/outbox';
import { useStore } from '../../ui/hooks';
import { useText } from '../../ui/text';

export function Waiting({ outbox }: { readonly outbox: Outbox }) {
  const { t } = useText();
  const waiting = useStore(outbox.waiting);
  const refused = useStore(outbox.refused);
  const last = waiting.at(-1);
  return (
    <div className="f-waiting" role="status" data-testid="queued">
      {last ? <p>⟳ {waiting.length === 1 ? t.field.queuedOne(last.label) : t.field.queued(waiting.length)}</p> : null}
      {refused ? <p className="j-error">{t.field.refused(refused)}</p> : null}
    </div>
  );
}
