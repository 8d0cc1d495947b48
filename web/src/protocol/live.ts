/** The live line: resumes by number, confirms what it got, comes back by itself. It must never hide that it is silent. */
import { type Frame, type Message, read } from './frames';

export type LineState = 'connecting' | 'open' | 'cut' | 'signed-out' | 'forbidden';

export interface Listener {
  frame(frame: Frame): void;
  state(state: LineState): void;
}

/** What a line needs of its surroundings, so that a test can be them. */
export interface Surroundings {
  socket(url: string): WebSocket;
  random(): number;
  /** Milliseconds that never go backwards. */
  now(): number;
  later(run: () => void, ms: number): number;
  never(handle: number): void;
}

const browser: Surroundings = {
  socket: (url) => new WebSocket(url),
  random: () => Math.random(),
  now: () => performance.now(),
  later: (run, ms) => window.setTimeout(run, ms),
  never: (handle) => window.clearTimeout(handle),
};

/** Nothing for this long: the line is dead, whatever the socket believes. Beats come every second. */
export const DEAD_MS = 4000;
export const LONGEST_REST_MS = 2000;
const FIRST_REST_MS = 200;

/** How long to rest before attempt `tries` (from 0): grows, never past two seconds, jittered so that rooms do not knock at once. */
export function rest(tries: number, random: number): number {
  return Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** tries) * (0.5 + random / 2);
}

export class LiveLine {
  private socket: WebSocket | null = null;
  private last: number | null = null;
  private tries = 0;
  private timer: number | null = null;
  private due = 0;
  private readonly decoder = new TextDecoder();
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
    private readonly around: Surroundings = browser,
  ) {}

  open(): void {
    this.stopped = false;
    this.dial();
  }

  close(): void {
    this.stopped = true;
    this.unwait();
    this.socket?.close();
    this.socket = null;
  }

  private dial(): void {
    this.timer = null;
    this.listener.state('connecting');
    const socket = this.around.socket(this.last === null ? this.url : `${this.url}?after=${this.last}`);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.expect();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.socket) return;
      this.expect();
      const frame = read(typeof event.data === 'string' ? event.data : this.decoder.decode(event.data));
      if (frame) this.hear(frame);
    };
    socket.onclose = (event: CloseEvent) => {
      if (socket === this.socket) this.lost(event.code);
    };
  }

  private hear(frame: Frame): void {
    if (frame.type === 'welcome') {
      this.tries = 0;
      this.last = Math.max(this.last ?? 0, frame.after);
      this.listener.state('open');
      frame.open.forEach((message) => this.confirm(message));
    } else if (frame.type === 'message') {
      this.confirm(frame);
    }
    this.listener.frame(frame);
  }

  private confirm(message: Message): void {
    if (message.seq === null) return;
    this.last = Math.max(this.last ?? 0, message.seq);
    this.socket?.send(JSON.stringify({ type: 'ack', seq: message.seq }));
  }

  /** One timer for many words: setting one anew costs as much as reading a word. */
  private expect(): void {
    this.due = this.around.now() + DEAD_MS;
    this.timer ??= this.around.later(() => this.overdue(), DEAD_MS);
  }

  private overdue(): void {
    const left = this.due - this.around.now();
    if (left > 0) {
      this.timer = this.around.later(() => this.overdue(), left);
      return;
    }
    const dead = this.socket;
    this.socket = null;
    dead?.close();
    this.lost(0);
  }

  private lost(code: number): void {
    this.socket = null;
    this.unwait();
    if (this.stopped) return;
    if (code === 4401 || code === 4403) {
      this.listener.state(code === 4401 ? 'signed-out' : 'forbidden');
      return;
    }
    this.listener.state('cut');
    this.timer = this.around.later(() => this.dial(), rest(this.tries, this.around.random()));
    this.tries += 1;
  }

  private unwait(): void {
    if (this.timer !== null) this.around.never(this.timer);
    this.timer = null;
  }
}

/** Where the live line of this page's own desk is. */
export function lineUrl(): string {
  return `${window.location.origin.replace(/^http/, 'ws')}/api/live`;
}
