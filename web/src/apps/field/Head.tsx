/** The one sentence that matters, as the order itself says it, in the role's colour. */
import { Button } from '@mantine/core';
import type { Me } from '../../protocol/http';
import type { Task } from '../../state/field';
import { account, roleName } from '../../ui/format';
import { DutyMark } from '../../ui/DutyMark';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';

interface Props {
  readonly task: Task | null;
  readonly waiting: number;
  readonly me: Me;
  readonly onSignOut: () => void;
}

export function Head({ task, waiting, me, onSignOut }: Props) {
  const { t, language } = useText();
  const [role, name] = [roleName(t, me.role), account(t, me.name)];
  return (
    <header className="f-head">
      {task ? (
        <h1 role="status">{task.body.instruction[language]}</h1>
      ) : (
        <div className="f-head-idle">
          <h1><Shape name={me.role === 'police_officer' ? 'police' : 'probation'} size={20} /> {role}{sameWord(role, name) ? null : ` · ${name}`}</h1>
          <DutyMark />
          <div className="f-head-turns">
            <Turns />
            <Button variant="default" size="compact-md" onClick={onSignOut}>{t.signIn.out}</Button>
          </div>
        </div>
      )}
      {waiting > 0 ? <p>{t.field.more(waiting)}</p> : null}
    </header>
  );
}

function sameWord(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
