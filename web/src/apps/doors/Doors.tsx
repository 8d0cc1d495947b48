/** The page of doors: one for each role; in a demonstration with a code for the phone and the button that begins it. */
import { Button } from '@mantine/core';
import { go, PATHS, withCode } from '../../ui/routes';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import type { Door } from './door';
import { useDemonstration } from './useDemonstration';

const ROLES = ['dispatcher', 'monitor', 'police_officer', 'probation_officer'] as const;
const SIDE = { dispatcher: 'police', monitor: 'probation', police_officer: 'police', probation_officer: 'probation' } as const;

export function Doors() {
  const { t } = useText();
  const { demonstration, hidden, begin } = useDemonstration();
  return (
    <main className="j-page">
      <div className="j-head">
        <div>
          <h1>{t.doors.title}</h1>
          <p className="j-dim">{t.doors.lead}</p>
        </div>
        <Turns />
      </div>
      {demonstration ? <Morning waiting={demonstration.waiting} ended={demonstration.ended} begin={begin} /> : null}
      {demonstration?.alone ? <p className="j-alone" role="status" data-testid="alone">{t.doors.alone}</p> : null}
      {hidden ? <p className="j-error" role="status">{t.doors.hidden}</p> : null}
      <ul className="j-doors">
        {ROLES.map((role) => (
          <li key={role} className="j-door">
            <h2>
              <Shape name={SIDE[role]} size={20} />
              {t.roles[role]}
            </h2>
            <p>{t.doors[role]}</p>
            <Enter role={role} doors={demonstration?.doors.filter((door) => door.role === role) ?? []} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function Morning({ waiting, ended, begin }: { readonly waiting: boolean; readonly ended: boolean; readonly begin: () => void }) {
  const { t } = useText();
  return (
    <div className="j-morning" role="status" data-ended={ended}>
      <p>{ended ? t.doors.ended : waiting ? t.doors.waits : t.doors.begun}</p>
      {waiting || ended ? <Button className="j-main" size="lg" onClick={begin}>{ended ? t.doors.again : t.doors.begin}</Button> : null}
    </div>
  );
}

function Enter({ role, doors }: { readonly role: string; readonly doors: readonly Door[] }) {
  const { t } = useText();
  if (doors.length === 0) {
    return <Button className="j-main" size="md" onClick={() => go(`${PATHS.signIn}?as=${role}`)}>{t.doors.enter}</Button>;
  }
  return doors.map((door) => (
    <div key={door.href} className="j-door-ways">
      <Button className="j-main" size="md" component="a" href={withCode(door.href)} fullWidth>{t.doors.enter}</Button>
      <div className="j-door-code">
        {door.qr ? <img src={door.qr} alt={t.doors.scan} /> : null}
        <span>
          {door.qr ? <span>{t.doors.scan}</span> : null}
          <span className="j-dim">{door.used ? t.doors.used : t.doors.once}</span>
        </span>
      </div>
    </div>
  ));
}
