/** The organisation's own sign-in, where one is set up. It must never stand in the way of the password below it. */
import { useText } from '../../ui/text';

/** A plain link: the way to the provider is an address, and a form's answer may not lead away from us. */
export function Elsewhere({ name }: { readonly name: string }) {
  const { t } = useText();
  return (
    <div className="j-signin j-elsewhere">
      <a className="j-main" href="/api/sessions/oidc" data-weight="written">{t.roster.signIn.by(name)}</a>
      <p className="j-dim">{t.roster.signIn.or}</p>
    </div>
  );
}
