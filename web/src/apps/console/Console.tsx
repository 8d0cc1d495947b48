/** A control room's screen: queue, map, incident. It must never show what its room's line did not say, nor show it as fresh
 * when the line is silent. */
import './console.css';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { desk, type Me, type Sight } from '../../protocol/http';
import { notices } from '../../state/notices';
import { found, rows, stepped } from '../../state/queue';
import { RoomLink } from '../../state/roomLink';
import { deskNow, isOld, localNow, PROMISE_S } from '../../state/time';
import { fileTurnOf, type Forgotten } from '../../state/withheld';
import { CommandList } from '../../ui/CommandList';
import { type Command, meant } from '../../ui/commands';
import { Frozen } from '../../ui/Frozen';
import { useHandler, useNarrow, useSaid, useStore } from '../../ui/hooks';
import { useDaylight } from '../../ui/Shell';
import { useText } from '../../ui/text';
import { useKeys } from '../../ui/useKeys';
import { CloseForm } from './CloseForm';
import { commandsOf } from './commandsOf';
import { type Asked, FilePanel } from './FilePanel';
import { GlassChips } from './GlassChips';
import { closed, type Glass, opened } from './glasses';
import { GlassForm } from './GlassForm';
import { IncidentPane } from './IncidentPane';
import { MapPane } from './MapPane';
import { left, muted, type Mutes } from './mutes';
import { MuteForm } from './MuteForm';
import { NoticeList, Notices } from './Notices';
import { Panes, type PaneName } from './Panes';
import { Queue } from './Queue';
import { TopLine } from './TopLine';
import { useSound } from './useSound';

interface Props {
  readonly me: Me;
  readonly onEnded: () => void;
  readonly onSignOut: () => void;
}

const NO_COMMANDS: readonly Command[] = [];

type Form = 'none' | 'commands' | 'notices' | 'mute' | 'close' | 'glass';

export function Console({ me, onEnded, onSignOut }: Props) {
  const { t, turn } = useText();
  const daylight = useDaylight();
  const narrow = useNarrow();
  const link = useLink(onEnded);
  const room = useStore(link.value);
  const clock = useStore(link.clock);
  const line = useStore(link.line);
  const reading = useStore(link.reading);
  const [wanted, setWanted] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const [mutes, setMutes] = useState<Mutes>(new Map());
  const [form, setForm] = useState<Form>('none');
  const [asked, setAsked] = useState<readonly Asked[]>([]);
  const [glasses, setGlasses] = useState<readonly Glass[]>([]);
  const [planning, setPlanning] = useState(false);
  const [framing, setFraming] = useState(0);
  const [pane, setPane] = useState<PaneName>('queue');
  const [refused, setRefused] = useState<string | null>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const logBox = useRef<HTMLInputElement>(null);

  const { sights, pairs, said } = room;
  const all = useMemo(() => rows({ sights, pairs }, me.agency), [sights, pairs, me.agency]);
  const told = useMemo(() => notices({ said, notices: room.notices }), [said, room.notices]);
  const shown = useMemo(() => found(all, search), [all, search]);
  // Whoever has chosen nothing is shown the first: a room must not have to click to see an approach.
  const chosen = wanted !== null && room.sights.has(wanted) ? wanted : (shown[0]?.sight.id ?? null);
  const row = all.find((one) => one.sight.id === chosen) ?? null;
  const sound = useSound(all, mutes, clock);
  const mute = useSaid((local) => chosen !== null && left(mutes, chosen, deskNow(clock, local)) !== null);
  const now = () => deskNow(clock, localNow());
  // Every word of the desk makes another clock; whoever reads only the time needs another when it goes differently.
  const time = useMemo(() => clock, [clock.offset]);
  const context = useMemo(() => ({ clock: time, agency: me.agency, mutes }), [time, me.agency, mutes]);

  const choose = useCallback((incident: string | null) => {
    setWanted(incident);
    setRefused(null);
  }, []);
  const look = useCallback((incident: string) => {
    choose(incident);
    setPane('incident');
  }, [choose]);
  const opening = (id: string): Asked => ({ id, side: null, label: null, turn: fileTurnOf(room.forgotten, [id]) });
  const why = useHandler(() => setAsked(row ? partiesOf(row.sight, room.forgotten) : []));
  const gone = useCallback((subject: string) => setGlasses((held) => closed(held, subject)), []);
  // At once: the next letter typed is meant for the box, and many letters are commands.
  const type = (where: PaneName, box: RefObject<HTMLInputElement | null>) => {
    flushSync(() => setPane(where));
    box.current?.focus();
  };
  const commands = commandsOf({
    chosen: chosen !== null,
    owned: row?.owned ?? false,
    mutable: chosen !== null && !(row?.owned ?? true) && !mute,
    step: (by) => choose(stepped(shown, chosen, by)),
    take: () => {
      if (chosen) desk.take(chosen).catch(() => setRefused(t.incident.takeFailed));
      choose(chosen);
    },
    plan: () => setPlanning((on) => !on),
    mute: () => setForm('mute'),
    find: () => type('queue', searchBox),
    write: () => type('incident', logBox),
    test: sound.test,
    frame: () => setFraming((n) => n + 1),
    close: () => setForm('close'),
    why,
    glass: () => setForm('glass'),
    notices: () => setForm('notices'),
    list: () => setForm('commands'),
    day: daylight.turn,
    language: turn,
  });
  const none = useCallback(() => setForm('none'), []);
  const noticed = useCallback(() => setForm('notices'), []);
  const listed = useCallback(() => setForm('commands'), []);
  const shut = useCallback(() => setAsked([]), []);
  const silenced = useHandler((why: string) => {
    if (chosen) setMutes((held) => muted(held, chosen, why, now()));
    setForm('none');
  });
  const broken = useHandler((glass: Glass) => {
    setGlasses((held) => opened(held, glass, now()));
    setForm('none');
    setAsked([opening(glass.subject)]);
  });
  const run = useHandler((id: Command['id']) => commands.find((one) => one.id === id)?.run());
  useKeys((event) => {
    const command = meant(commands, event, me.role);
    if (command) event.preventDefault();
    command?.run();
  });

  return (
    <div className="c-screen">
      <TopLine
        me={me} room={room} clock={clock} line={line} sounding={sound.works} noticed={told.length}
        onTest={sound.test} onNotices={noticed} onCommands={listed} onSignOut={onSignOut}
      />
      <Notices all={told} rows={all} clock={time} agency={me.agency} />
      <GlassChips glasses={glasses} clock={time} onLook={(id) => setAsked([opening(id)])} />
      <div className="c-body">
        <Panes narrow={narrow} pane={pane} onPane={setPane} open={all.length}>
          {{
            queue: (
              <Queue
                rows={shown} total={all.length} chosen={chosen} reading={reading} search={search} speaking={!isOld(room.factsAge, PROMISE_S.facts) && Object.keys(room.behind).length === 0} searchBox={searchBox}
                limits={room.limits} context={context} onSearch={setSearch}
                onChoose={look}
              />
            ),
            map: <MapPane room={room} sight={row?.sight ?? null} clock={time} framing={framing} />,
            incident: (
              <IncidentPane
                room={room} sight={row?.sight ?? null} agency={me.agency} clock={time} planning={planning} logBox={logBox} refused={refused} onWhy={why} onRun={run}
                actions={commands.filter((one) => ['take', 'plan', 'mute', 'close'].includes(one.id) && (one.roles === 'all' || one.roles.includes(me.role)))}
              />
            ),
          }}
        </Panes>
        <Frozen clock={clock} />
      </div>
      {line === 'forbidden' ? <p className="j-error" role="alert">{t.line.forbidden}</p> : null}
      <CommandList commands={form === 'commands' ? commands : NO_COMMANDS} role={me.role} opened={form === 'commands'} onClose={none} />
      <NoticeList all={told} clock={time} agency={me.agency} opened={form === 'notices'} onClose={none} />
      <MuteForm opened={form === 'mute'} onCancel={none} onMute={silenced} />
      <GlassForm opened={form === 'glass'} onCancel={none} onOpened={broken} />
      <FilePanel people={asked} clock={time} forgotten={room.forgotten} onGone={gone} onClose={shut} />
      <CloseForm incident={form === 'close' ? chosen : null} onDone={none} />
    </div>
  );
}

function partiesOf(sight: Sight, forgotten: Forgotten): readonly Asked[] {
  const { offender, victim } = sight;
  const turn = (id: string) => fileTurnOf(forgotten, [id]);
  return [
    ...(offender === null ? [] : [{ id: offender, side: 'offender' as const, label: sight.offender_label, turn: turn(offender) }]),
    ...(victim === null ? [] : [{ id: victim, side: 'victim' as const, label: sight.victim_label, turn: turn(victim) }]),
  ];
}

function useLink(onEnded: () => void): RoomLink {
  const [link] = useState(() => new RoomLink());
  const line = useStore(link.line);
  useEffect(() => {
    link.open();
    return () => link.close();
  }, [link]);
  useEffect(() => {
    if (line === 'signed-out') onEnded();
  }, [line, onEnded]);
  return link;
}
