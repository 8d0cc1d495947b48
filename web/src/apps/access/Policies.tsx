/** What the policies say, in this screen's language, each with its article. */
import type { Statement } from '../../protocol/http';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import { Part } from './Part';

export function Policies({ reading }: { readonly reading: Reading<readonly Statement[]> }) {
  const { t, language } = useText();
  const { policies: said } = t.access;
  return (
    <Part id="policies" title={said.title} reading={reading}>
      {(all) => all.length === 0 ? <p className="j-empty">{said.none}</p> : (
        <ul className="a-list a-policies">
          {all.map((one) => (
            <li key={one.id} className="a-card" data-policy={one.id}>
              <p className="a-line">
                <span className="a-mark"><Shape name={one.effect === 'permit' ? 'tick' : 'struck'} size={14} /> {one.effect === 'permit' ? said.permit : said.forbid}</span>
                <span className="j-dim" lang="ko">{one.article}</span>
              </p>
              <p>{language === 'ko' ? one.ko : one.en}</p>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
