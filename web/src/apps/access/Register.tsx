/** Who looked at what, newest first. It must never hide a refused look, nor one of whoever reads this. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, type RefObject, useEffect, useState } from 'react';
import type { Look } from '../../protocol/http';
import type { DeskClock } from '../../state/time';
import { called, isId } from '../../ui/access';
import { Age } from '../../ui/Age';
import { clock as face, date } from '../../ui/format';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import { Id } from './Id';
import { Part } from './Part';
import type { Filter, Register as Read } from './useRegister';

interface Props {
  readonly register: Read;
  readonly filter: Filter;
  readonly clock: DeskClock;
  readonly me: string;
  readonly box: RefObject<HTMLInputElement | null>;
  readonly onFilter: (filter: Filter) => void;
}

export function Register({ register, filter, clock, me, box, onFilter }: Props) {
  const { t } = useText();
  const { register: said } = t.access;
  return (
    <Part id="register" title={said.title} reading={register.reading} head={<FilterForm filter={filter} box={box} onFilter={onFilter} />}>
      {(looks) => (
        <>
          {looks.length === 0 ? <p className="j-empty"><strong>{filter === null ? said.none : said.noneFound}</strong></p> : null}
          <ol className="a-list a-looks">
            {looks.map((one) => (
              <Row key={one.id} look={one} clock={clock} me={me} onOnly={() => onFilter({ of: 'account', id: one.account })} />
            ))}
          </ol>
          {register.next === null ? <p className="j-dim">{said.end}</p> : <Button variant="default" onClick={register.more}>{said.more}</Button>}
        </>
      )}
    </Part>
  );
}

function FilterForm({ filter, box, onFilter }: Pick<Props, 'filter' | 'box' | 'onFilter'>) {
  const { t } = useText();
  const { register: said } = t.access;
  const [id, setId] = useState(filter?.id ?? '');
  const [of, setOf] = useState<'account' | 'subject'>(filter?.of ?? 'account');
  const [wrong, setWrong] = useState(false);
  useEffect(() => {
    setId(filter?.id ?? '');
    setOf(filter?.of ?? 'account');
    setWrong(false);
  }, [filter]);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setWrong(!isId(id));
    if (isId(id)) onFilter({ of, id: id.trim().toLowerCase() });
  }

  return (
    <form className="a-filter" onSubmit={submit}>
      <TextInput
        ref={box} name="id" label={said.filter} size="md" value={id} error={wrong ? said.filterWrong : null} autoComplete="off"
        onChange={(event) => setId(event.currentTarget.value)}
      />
      <NativeSelect
        name="of" label={said.of} size="md" value={of} onChange={(event) => setOf(event.currentTarget.value === 'subject' ? 'subject' : 'account')}
        data={[{ value: 'account', label: said.ofAccount }, { value: 'subject', label: said.ofSubject }]}
      />
      <div className="a-actions">
        <Button type="submit" variant="default" size="md">{said.go}</Button>
        {filter === null ? null : <Button variant="default" size="md" onClick={() => onFilter(null)}>{said.all}</Button>}
      </div>
    </form>
  );
}

function Row({ look, clock, me, onOnly }: { readonly look: Look; readonly clock: DeskClock; readonly me: string; readonly onOnly: () => void }) {
  const { t } = useText();
  const { register: said } = t.access;
  return (
    <li className="a-look" data-allowed={look.allowed} data-what={look.what}>
      <span className="a-look-when j-num" title={date(look.at)}>{face(look.at)}<small><Age at={look.at} clock={clock} promise={Infinity} /></small></span>
      <span className="a-look-what">
        <span className="a-line">
          <span className="a-mark" data-allowed={look.allowed}><Shape name={look.allowed ? 'tick' : 'octagon'} size={14} /> {look.allowed ? said.allowed : said.refused}</span>
          <strong>{called(t.access.looks, look.what)}</strong>
          <span>{look.subject === '' ? said.nobody : <Id id={look.subject} />}</span>
        </span>
        <span className="a-line">
          <button type="button" className="a-only" onClick={onOnly}><span className="a-hidden">{said.only}: </span><Id id={look.account} own={me} /></button>
          <span>{called(t.access.purposes, look.purpose)}</span>
          <span className="j-dim" lang="ko">{look.article}</span>
        </span>
      </span>
    </li>
  );
}
