/** What a role without a screen of its own can do here. It must never promise a form that is not there. */
import { Button } from '@mantine/core';
import type { Me } from '../../protocol/http';
import { account, roleName } from '../../ui/format';
import { go, PATHS } from '../../ui/routes';
import { useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';

export function Duties({ me, onSignOut }: { readonly me: Me; readonly onSignOut: () => void }) {
  const { t } = useText();
  return (
    <main className="j-page" data-testid="duties">
      <div className="j-head">
        <div>
          <h1>{t.access.duties.title}</h1>
          <p className="j-dim"><strong>{roleName(t, me.role)}</strong> · {account(t, me.name)}</p>
        </div>
        <Turns />
      </div>
      <p>{me.role === 'supporter' ? t.access.duties.supporter : t.access.duties.registrar}</p>
      <p>{t.access.duties.api}</p>
      <p className="j-dim">{t.access.duties.recorded}</p>
      {me.role === 'registrar' ? <Button size="md" className="j-main" onClick={() => go(PATHS.roster)}>{t.roster.open}</Button> : null}{' '}
      <Button variant="default" size="md" onClick={onSignOut}>{t.signIn.out}</Button>
    </main>
  );
}
