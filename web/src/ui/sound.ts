/** One sound for each priority, louder the longer nobody owns it. It must never sound for what somebody owns or muted. */
export interface Sounding {
  readonly incident: string;
  readonly priority: number;
  /** Seconds nobody has owned it. */
  readonly unowned: number;
}

interface Tune {
  readonly notes: readonly number[];
  readonly note: number;
  readonly every: number;
  readonly wave: OscillatorType;
}

/** Rising thirds for the gravest, a pair for the next, one low note for the rest: none is a telephone's. */
const TUNES: readonly Tune[] = [
  { notes: [587, 740, 880], note: 0.16, every: 2, wave: 'triangle' },
  { notes: [523, 659], note: 0.2, every: 4, wave: 'triangle' },
  { notes: [440], note: 0.3, every: 10, wave: 'sine' },
];
const QUIETEST = 0.12;
const LOUDEST = 0.8;
const RISE_S = 60;

/** Volume of what nobody has owned for that long, 0 to 1; the graver, the sooner it is loud. */
export function loudness(priority: number, unowned: number): number {
  const share = Math.min(1, Math.max(0, unowned) / (RISE_S * (1 + Math.max(0, priority))));
  return QUIETEST + (LOUDEST - QUIETEST) * share;
}

export class Sounds {
  private context: AudioContext | null = null;
  private lastAt = new Map<number, number>();

  /** Whether a sound would be heard: browsers keep a page silent until somebody has touched it. */
  get working(): boolean {
    return this.context?.state === 'running';
  }

  async wake(): Promise<boolean> {
    this.context ??= new AudioContext();
    if (this.context.state !== 'running') {
      await Promise.race([this.context.resume(), new Promise((done) => window.setTimeout(done, 300))]);
    }
    return this.working;
  }

  async test(): Promise<boolean> {
    if (await this.wake()) this.play(1, 0.3);
    return this.working;
  }

  /** Call often: plays the gravest of what sounds, at its pace. */
  tick(all: readonly Sounding[], now: number): void {
    const first = [...all].sort((a, b) => a.priority - b.priority || b.unowned - a.unowned)[0];
    if (!first || !this.working) return;
    const tune = this.tune(first.priority);
    if (now - (this.lastAt.get(first.priority) ?? 0) < tune.every) return;
    this.lastAt.set(first.priority, now);
    this.play(first.priority, loudness(first.priority, first.unowned));
  }

  stop(): void {
    void this.context?.close();
    this.context = null;
  }

  private tune(priority: number): Tune {
    const tune = TUNES[Math.min(TUNES.length - 1, Math.max(0, priority))];
    if (!tune) throw new Error('there is a tune for every priority');
    return tune;
  }

  private play(priority: number, volume: number): void {
    const context = this.context;
    if (!context) return;
    const { notes, note, wave } = this.tune(priority);
    notes.forEach((frequency, place) => {
      const start = context.currentTime + place * note;
      const gain = context.createGain();
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(volume, start + 0.02);
      gain.gain.setValueAtTime(volume, start + note - 0.04);
      gain.gain.linearRampToValueAtTime(0, start + note);
      const tone = context.createOscillator();
      tone.type = wave;
      tone.frequency.value = frequency;
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + note);
    });
  }
}
