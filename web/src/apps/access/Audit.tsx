/** The auditor's view: where the ledger stands, and every row of it verified in words. It must never say that more holds than was
 * recomputed: without another party's checkpoint it says what that leaves open. */
import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { desk, type Ledger, Refusal, type Verification } from '../../protocol/http';
import { clock as face, date } from '../../ui/format';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import { Part } from './Part';

export function Audit({ reading }: { readonly reading: Reading<Ledger> }) {
  const { t } = useText();
  const { audit: said } = t.asked;
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Verification | null>(null);
  const [refused, setRefused] = useState<string | null>(null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const kept = String(form.get('kept'));
    const witnesses = String(form.get('witnesses')).split('\n').map((one) => one.trim()).filter((one) => one !== '');
    setBusy(true);
    setFound(null);
    setRefused(null);
    // A note ends with a line break, which pasting may lose.
    desk.verifyLedger(kept.trim() === '' ? null : kept.endsWith('\n') ? kept : `${kept}\n`, witnesses)
      .then(setFound, (error: unknown) => setRefused(error instanceof Refusal && error.status === 400 ? said.unread : t.asked.refused))
      .finally(() => setBusy(false));
  }

  return (
    <Part id="audit" title={said.title} reading={reading}>
      {({ checkpoint, waiting }) => (
        <>
          {checkpoint === null ? <p className="j-empty"><strong>{said.none}</strong></p> : (
            <>
              <p className="j-num">{said.last(String(checkpoint.size), `${date(checkpoint.at)} ${face(checkpoint.at)}`)} {said.waiting(waiting)}</p>
              <p>{said.note}:</p>
              <pre className="a-note" lang="und" tabIndex={0} role="region" aria-label={said.note}>{checkpoint.note}</pre>
              <p>{said.key}: <span lang="und" className="a-id a-key">{checkpoint.key}</span></p>
            </>
          )}
          <form className="a-form" onSubmit={submit}>
            <Textarea name="kept" label={said.kept} autosize minRows={3} maxRows={8} autoComplete="off" spellCheck={false} />
            <Textarea name="witnesses" label={said.witnesses} autosize minRows={1} maxRows={4} autoComplete="off" spellCheck={false} />
            <Button type="submit" className="j-main" loading={busy}>{said.go}</Button>
          </form>
          {refused ? <p className="j-error" role="alert">{refused}</p> : null}
          {found === null ? null : <Found found={found} />}
        </>
      )}
    </Part>
  );
}

function Found({ found }: { readonly found: Verification }) {
  const { t } = useText();
  const { audit: said } = t.asked;
  return (
    <div role="status" data-testid="verified" data-ok={found.ok}>
      <p className="a-line"><span className="a-mark" data-allowed={found.ok}><Shape name={found.ok ? 'tick' : 'octagon'} size={14} /> {found.ok ? said.holds(String(found.size)) : said.breaks}</span></p>
      {found.first_row === null ? null : <p><strong>{said.first(String(found.first_row))}</strong></p>}
      {found.ok ? <p>{said.checkpoints(String(found.checkpoints), found.months)}</p> : null}
      <p>{found.anchored_rows === null ? said.unanchored : said.anchored(String(found.anchored_rows))}</p>
      {found.witnesses.map((one) => <p key={one.name} data-weight="written">{said.witnessed(one.name, String(one.rows), date(one.at))}</p>)}
      {found.strangers.length === 0 ? null : <p data-weight="written">{said.stranger(found.strangers.join(', '))}</p>}
      {found.breaks.length === 0 ? null : (
        <details className="a-more"><summary>{said.detail}</summary>
          <ul>{found.breaks.map((one) => <li key={one.sentence} lang="en">{one.sentence}</li>)}</ul></details>
      )}
    </div>
  );
}
