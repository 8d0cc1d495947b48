/** An officer's phone: one sentence, where to, three buttons. It must never keep anything of an incident that has ended. */
import './field.css';
import { useEffect, useState } from 'react';
import type { Me } from '../../protocol/http';
import { FieldLink } from '../../state/fieldLink';
import { useStore } from '../../ui/hooks';
import { useText } from '../../ui/text';
import { Answer } from './Answer';
import { Head } from './Head';
import { Idle } from './Idle';
import { Silence } from './Silence';
import { Target } from './Target';
import { useAlarm } from './useAlarm';
import { useOwnPlace } from './useOwnPlace';
import { Waiting } from './Waiting';

interface Props {
  readonly me: Me;
  readonly onEnded: () => void;
  readonly onSignOut: () => void;
}

export function FieldTerminal({ me, onEnded, onSignOut }: Props) {
  const { t } = useText();
  const [link] = useState(() => new FieldLink());
  const field = useStore(link.value);
  const clock = useStore(link.clock);
  const line = useStore(link.line);
  const own = useOwnPlace(me.unit, link.clock);
  useEffect(() => {
    link.open();
    return () => link.close();
  }, [link]);
  useEffect(() => {
    if (line === 'signed-out') onEnded();
    if (line === 'open') void link.outbox.flush();
  }, [line, link, onEnded]);
  const { task } = field;
  const alarm = useAlarm(task, clock);
  const side = me.role === 'police_officer' ? 'police' : 'probation';
  return (
    <div className="f-screen" data-side={side} data-task={task !== null}>
      <Head task={task} waiting={field.waiting.length} me={me} onSignOut={onSignOut} />
      <Silence clock={clock} line={line} />
      {task ? (
        <>
          <Target task={task} target={field.target} own={own.place} clock={clock} />
          <Answer key={task.body.tasking} task={task} link={link} clock={clock} />
        </>
      ) : (
        <>
          <Waiting outbox={link.outbox} />
          <Idle unit={me.unit} ended={field.ended} own={own} alarm={alarm} clock={clock} line={line} />
        </>
      )}
      {line === 'forbidden' ? <p className="j-error" role="alert">{t.line.forbidden}</p> : null}
    </div>
  );
}
