/** A new home, work, school or shelter in the place of one an order guards. It must never show where one is, or was. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useCallback, useRef, useState } from 'react';
import { desk, type GuardedPlace } from '../../protocol/http';
import { called } from '../../ui/access';
import { Ask, type Question } from '../../ui/Ask';
import { date } from '../../ui/format';
import { useText } from '../../ui/text';
import { useDoing } from '../../ui/useDoing';
import { useEnds } from '../../ui/leaving';
import { useReading } from '../../ui/useReading';
import { Part } from './Part';
import { pointOf, radiusOf } from './places';

interface Props {
  readonly person: string;
  readonly times: number;
  readonly onDone: () => void;
}

type Wrong = 'point' | 'radius' | null;

export function Moving({ person, times, onDone }: Props) {
  const { t } = useText();
  const { moving: said } = t.asked;
  const places = useReading(useCallback(() => desk.places(person), [person]), times, useEnds());
  const doing = useDoing(t, onDone, said.unfit);
  const [question, setQuestion] = useState<Question | null>(null);
  const [wrong, setWrong] = useState<Wrong>(null);
  const written = useRef<HTMLFormElement>(null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const point = pointOf(String(form.get('point')));
    const radius = radiusOf(String(form.get('radius')));
    setWrong(point === null ? 'point' : radius === null ? 'radius' : null);
    if (point === null || radius === null) return;
    const there = radius === undefined ? point : { ...point, radius_m: radius };
    const run = () => desk.movePlace(person, String(form.get('place')), there).then(() => (written.current?.reset(), said.done));
    const which = places.state === 'ready' ? places.value.find((one) => one.id === form.get('place')) : undefined;
    const means = said.askMeans(which === undefined ? '' : called(said.kinds, which.kind), `${point.lat}, ${point.lon}`);
    setQuestion({ title: said.askTitle, means, go: said.go, run: () => Promise.resolve(doing.run(run)) });
  }

  const named = (one: GuardedPlace) => said.place(called(said.kinds, one.kind), one.secret, date(Date.parse(one.since) / 1000));
  return (
    <Part id="moving" title={said.title} reading={places} doing={doing}>
      {(all) => all.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : (
        <>
          <p>{said.lead}</p>
          <p className="j-dim">{said.hidden}</p>
          <form className="k-form" onSubmit={submit} ref={written}>
            <NativeSelect name="place" label={said.which} data={all.map((one) => ({ value: one.id, label: named(one) }))} />
            <TextInput name="point" label={said.where} required maxLength={60} autoComplete="off" error={wrong === 'point'} aria-describedby="k-point" />
            <p id="k-point" className="j-dim">{said.whereHow}</p>
            <TextInput name="radius" label={said.radius} inputMode="numeric" maxLength={9} autoComplete="off" error={wrong === 'radius'} aria-describedby="k-radius" />
            <p id="k-radius" className="j-dim">{said.radiusHow}</p>
            {wrong === null ? null : <p className="j-error" role="alert">{wrong === 'point' ? said.unread : said.noRadius}</p>}
            <Button type="submit" variant="default" loading={doing.busy}>{said.ask}</Button>
          </form>
          <Ask question={question} onDone={() => setQuestion(null)} />
        </>
      )}
    </Part>
  );
}
