// The virtual clock: plays a build's time at a speed that tells the story. Knows nothing of builds but their length.

export interface Player {
  play(): void;
  pause(): void;
  seek(ms: number): void;
  end(): void;
  load(durationMs: number, speed: number): void;
  setSpeed(speed: number): void;
  /** Playing pauses at these moments; `then` is told which. */
  setStops(stops: readonly number[], then: (at: number) => void): void;
}

export interface PlayerState {
  readonly at: number;
  readonly playing: boolean;
  readonly speed: number;
}

/** How many seconds a whole build takes to watch. */
const STORY_SECONDS = 6;

export function storySpeed(durationMs: number): number {
  const speed = durationMs / 1000 / STORY_SECONDS;
  return [1, 2, 5, 10, 20].find((choice) => choice >= speed) ?? 50;
}

export function createPlayer(tell: (state: PlayerState) => void): Player {
  let state: PlayerState = { at: 0, playing: false, speed: 1 };
  let duration = 0;
  let last = 0;
  let frame = 0;
  let stops: readonly number[] = [];
  let stopped: (at: number) => void = () => undefined;

  const set = (change: Partial<PlayerState>) => {
    state = { ...state, ...change };
    tell(state);
  };
  const tick = (now: number) => {
    if (!state.playing) return;
    const at = state.at + (now - last) * state.speed;
    last = now;
    const stop = stops.find((moment) => moment > state.at && moment <= at);
    if (stop !== undefined) {
      set({ at: stop, playing: false });
      stopped(stop);
      return;
    }
    if (at >= duration) {
      set({ at: duration, playing: false });
      return;
    }
    set({ at });
    frame = requestAnimationFrame(tick);
  };

  return {
    play() {
      if (duration === 0) return;
      cancelAnimationFrame(frame);
      set({ playing: true, at: state.at >= duration ? 0 : state.at });
      last = performance.now();
      frame = requestAnimationFrame(tick);
    },
    pause: () => set({ playing: false }),
    seek: (ms) => set({ at: Math.max(0, Math.min(duration, ms)) }),
    end: () => set({ at: duration, playing: false }),
    load(durationMs, speed) {
      cancelAnimationFrame(frame);
      duration = durationMs;
      set({ at: 0, playing: false, speed });
    },
    setSpeed: (speed) => set({ speed }),
    setStops(moments, then) {
      stops = [...moments].sort((a, b) => a - b);
      stopped = then;
    },
  };
}
