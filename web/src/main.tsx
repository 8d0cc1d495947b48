/** The first screen: asks what this installation is and who is here, then opens the right page. It must never draw a page
 * of people before the desk has said who looks. */
import '@mantine/core/styles.css';
import 'pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css';
import './ui/base.css';
import { lazy, type ReactNode, StrictMode, Suspense, useCallback, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Doors } from './apps/doors/Doors';
import { SignIn } from './apps/signin/SignIn';
import { desk, type Me, type Site } from './protocol/http';
import { go, homeOf, PATHS, usePath } from './ui/routes';
import { DutyBand } from './ui/DutyBand';
import { emptiedWhenLeft, useStillHere } from './ui/leaving';
import { Shell } from './ui/Shell';
import { useText } from './ui/text';

const Console = lazy(() => import('./apps/console/Console').then((module) => ({ default: module.Console })));
const Access = lazy(() => import('./apps/access/Access').then((module) => ({ default: module.Access })));
const Consent = lazy(() => import('./apps/consent/Consent').then((module) => ({ default: module.Consent })));
const Roster = lazy(() => import('./apps/roster/Roster').then((module) => ({ default: module.Roster })));
const FieldTerminal = lazy(() => import('./apps/field/FieldTerminal').then((module) => ({ default: module.FieldTerminal })));

type Who = Me | null | 'asking';

function App() {
  const [site, setSite] = useState<Site | null>(null);
  const [me, setMe] = useState<Who>('asking');
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    desk.site().then(setSite, () => undefined);
    desk.me().then(setMe, () => setMe(null));
  }, []);
  const leave = useCallback(() => {
    setMe(null);
    setEnded(true);
    go(PATHS.signIn);
  }, []);
  const out = () => {
    void desk.signOut().catch(() => undefined).then(() => setMe(null)).then(() => go(PATHS.doors));
  };
  return (
    <Shell site={site}>
      <Page me={me} onSignedIn={(who) => (setMe(who), setEnded(false))} ended={ended} onEnded={leave} onSignOut={out} />
    </Shell>
  );
}

interface PageProps {
  readonly me: Who;
  readonly ended: boolean;
  readonly onSignedIn: (me: Me) => void;
  readonly onEnded: () => void;
  readonly onSignOut: () => void;
}

function Page({ me, ended, onSignedIn, onEnded, onSignOut }: PageProps): ReactNode {
  const path = usePath();
  if (path === PATHS.doors) return <Doors />;
  if (path === PATHS.signIn) return <SignIn onSignedIn={onSignedIn} ended={ended} />;
  if (me === 'asking') return <Waiting />;
  if (me === null) return <SignIn onSignedIn={onSignedIn} ended={ended} />;
  const home = homeOf(me.role);
  if (path === PATHS.roster) {
    return (
      <Suspense fallback={<Waiting />}>
        <StillHere onEnded={onEnded} />
        <Roster me={me} onEnded={onEnded} onSignOut={onSignOut} />
      </Suspense>
    );
  }
  if (path === PATHS.consent && me.role === 'dispatcher') {
    return (
      <Suspense fallback={<Waiting />}>
        <StillHere onEnded={onEnded} />
        <Consent me={me} onEnded={onEnded} onSignOut={onSignOut} />
      </Suspense>
    );
  }
  return (
    <Suspense fallback={<Waiting />}>
      <DutyBand me={me.account} />
      {home === PATHS.console ? <Console me={me} onEnded={onEnded} onSignOut={onSignOut} /> : null}
      {home === PATHS.field ? <FieldTerminal me={me} onEnded={onEnded} onSignOut={onSignOut} /> : null}
      {home === PATHS.access ? <StillHere onEnded={onEnded} /> : null}
      {home === PATHS.access && me.role === 'reviewer' ? <Access me={me} onEnded={onEnded} onSignOut={onSignOut} /> : null}
      {home === PATHS.access && me.role !== 'reviewer' ? <Consent me={me} onEnded={onEnded} onSignOut={onSignOut} /> : null}
      {home === null ? <Doors /> : null}
    </Suspense>
  );
}

function StillHere({ onEnded }: Pick<PageProps, 'onEnded'>): null {
  useStillHere(onEnded);
  return null;
}

function Waiting() {
  const { t } = useText();
  return <p className="j-empty" role="status">{t.line.connecting}</p>;
}

const root = document.getElementById('root');
if (root) {
  const drawn = createRoot(root);
  drawn.render(<StrictMode><App /></StrictMode>);
  emptiedWhenLeft(() => drawn.unmount());
}
