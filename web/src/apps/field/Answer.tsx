/** One order in an officer's hand: the card, what waits for the network, and the steps. */
import { useState } from 'react';
import type { Task } from '../../state/field';
import type { FieldLink } from '../../state/fieldLink';
import type { DeskClock } from '../../state/time';
import { useText } from '../../ui/text';
import { leavingOf } from './buttons';
import { Buttons } from './Buttons';
import { Card } from './Card';
import { Leave } from './Leave';
import { Raised } from './Raised';
import { Waiting } from './Waiting';

export function Answer({ task, link, clock }: { readonly task: Task; readonly link: FieldLink; readonly clock: DeskClock }) {
  const { t } = useText();
  const [asking, setAsking] = useState(false);
  const leaving = leavingOf(task.state);
  return (
    <>
      {task.raised ? <Raised task={task} raised={task.raised} clock={clock} /> : null}
      <Card task={task}>
        {leaving && !asking ? (
          <button type="button" className="f-leaving" onClick={() => setAsking(true)}>{leaving === 'rejected' ? t.field.reject : t.field.cleared}</button>
        ) : null}
      </Card>
      <Waiting outbox={link.outbox} />
      {asking && leaving ? (
        <Leave
          leaving={leaving} onBack={() => setAsking(false)}
          onSure={(reason) => link.report(leaving, leaving === 'rejected' ? t.tasking.rejected : t.field.cleared, reason)}
        />
      ) : <Buttons task={task} link={link} />}
    </>
  );
}
