/** Signing in. It must never keep a password, nor say which of name and password was wrong. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { desk, type Me, Refusal } from '../../protocol/http';
import { called } from '../../ui/access';
import { go, homeOf, PATHS } from '../../ui/routes';
import { useSite } from '../../ui/Shell';
import { type Text, useText } from '../../ui/text';
import { Turns } from '../../ui/Turns';
import { Elsewhere } from './Elsewhere';

function sentence(t: Text, error: unknown): string {
  if (!(error instanceof Refusal)) return t.signIn.failed;
  if (error.status === 401) return t.signIn.wrong;
  if (error.status === 429) return t.signIn.many;
  return error.status === 0 || error.status === 503 ? t.signIn.unreachable : t.signIn.failed;
}

function asked(name: 'as' | 'refused'): string | null {
  return new URLSearchParams(window.location.search).get(name);
}

interface Props {
  readonly onSignedIn: (me: Me) => void;
  readonly ended: boolean;
}

export function SignIn({ onSignedIn, ended }: Props) {
  const { t } = useText();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const role = asked('as');
  const refused = asked('refused');
  const site = useSite();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await desk.signIn(String(form.get('name')), String(form.get('password')));
      const me = await desk.me();
      const home = homeOf(me.role);
      if (home === null) setSaid(t.signIn.noScreen);
      else {
        onSignedIn(me);
        go(home);
      }
    } catch (error) {
      setSaid(sentence(t, error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="j-page">
      <div className="j-head">
        <h1>{t.product}</h1>
        <Turns />
      </div>
      {site?.provider ? <Elsewhere name={site.provider} /> : null}
      {said === null && refused ? <p className="j-error j-refused" role="alert">{called(t.roster.signIn.refused, refused)}</p> : null}
      <form className="j-signin" onSubmit={(event) => void submit(event)}>
        <h2>{role && role in t.roles ? t.roles[role as keyof typeof t.roles] : t.signIn.title}</h2>
        {ended ? <p className="j-error" role="status">{t.signIn.signedOut}</p> : null}
        <TextInput name="name" label={t.signIn.name} autoComplete="username" required size="md" autoFocus />
        <PasswordInput
          name="password" label={t.signIn.password} autoComplete="current-password" required size="md"
          visibilityToggleButtonProps={{ 'aria-label': t.signIn.password }}
        />
        {said ? <p className="j-error" role="alert">{said}</p> : null}
        <Button type="submit" size="lg" className="j-main" loading={busy}>{t.signIn.go}</Button>
        <Button variant="subtle" size="md" color="gray" onClick={() => go(PATHS.doors)}>{t.signIn.other}</Button>
      </form>
    </main>
  );
}
