/** The page of doors: one for each role, with a phone's code where the installation gives one. It must never hold a secret. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { desk } from '../../protocol/http';
import { go, PATHS } from '../../ui/routes';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import { type Door, read } from './door';

const ROLES = ['dispatcher', 'monitor', 'police_officer', 'probation_officer'] as const;
const SIDE = { dispatcher: 'police', monitor: 'probation', police_officer: 'police', probation_officer: 'probation' } as const;

export function Doors() {
  const { t } = useText();
  const [given, setGiven] = useState<readonly Door[]>([]);
  useEffect(() => {
    // Only a demonstration has doors of its own; elsewhere this is a 404 and the page stays as it is.
    desk.doors().then((said) => setGiven(read(said)), () => setGiven([]));
  }, []);
  return (
    <main className="j-page">
      <div className="j-head">
        <div>
          <h1>{t.doors.title}</h1>
          <p className="j-dim">{t.doors.lead}</p>
        </div>
        <Turns />
      </div>
      <ul className="j-doors">
        {ROLES.map((role) => (
          <li key={role} className="j-door">
            <h2>
              <Shape name={SIDE[role]} size={20} />
              {t.roles[role]}
            </h2>
            <p>{t.doors[role]}</p>
            <Enter role={role} doors={given.filter((door) => door.role === role)} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function Enter({ role, doors }: { readonly role: string; readonly doors: readonly Door[] }) {
  const { t } = useText();
  const label = (name: string | null) => `${t.doors.enter}${name ? ` · ${name}` : ''}`;
  if (doors.length === 0) {
    return <Button className="j-main" size="md" onClick={() => go(`${PATHS.signIn}?as=${role}`)}>{label(null)}</Button>;
  }
  return doors.map((door) => (
    <div key={door.href}>
      <Button className="j-main" size="md" component="a" href={door.href} fullWidth>{label(door.name)}</Button>
      {door.qr ? <img src={door.qr} alt={t.doors.scan} /> : null}
      <p className="j-dim">{t.doors.once}</p>
    </div>
  ));
}
