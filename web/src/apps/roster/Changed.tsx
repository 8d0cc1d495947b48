/** Accounts that ended or came back, for registrars and privacy officers. It must never be shown to whoever is not told of them. */
import type { Roster } from '../../protocol/http';
import { account, clock as face, date, roleName } from '../../ui/format';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';

export function Changed({ accounts }: { readonly accounts: Roster['accounts'] }) {
  const { t } = useText();
  const { accounts: said } = t.roster;
  if (accounts.length === 0) return <p className="j-empty">{said.none}</p>;
  return (
    <ul className="r-list">
      {accounts.map((one) => (
        <li key={`${one.account}:${one.at}`} className="r-card" data-what={one.what}>
          <p className="r-line">
            <Shape name={one.what === 'account_ended' ? 'struck' : 'ring'} size={14} />
            <strong data-weight="written">{account(t, one.name)}</strong>
            <span>{roleName(t, one.role)}</span>
            <span className="r-mark">{said[one.what]}</span>
          </p>
          <p className="r-line">
            <span className="j-num">{date(one.at)} {face(one.at)}</span>
            <span data-weight="written">{one.by === null ? said.operator : said.by(account(t, one.by))}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}
