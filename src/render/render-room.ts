import type { Clock } from '../clock.ts';
import type { RenderEngine, RenderEngineState } from './render-engine.ts';
import { createRenderGate, type RenderGateSettings, type RenderGateState } from './render-gate.ts';
import type { Renderer } from './renderer.ts';

export interface RenderRoomState extends Omit<RenderEngineState, 'notReady' | 'chromium'>, RenderGateState {}

/** Everything that renders: an engine, and the gate before it. */
export interface RenderRoom {
  readonly renderer: Renderer;
  /** Why a page that is asked for now would probably not be rendered; empty when it would. */
  notReady(): string[];
  state(): RenderRoomState;
}

export function createRenderRoom(
  engine: Pick<RenderEngine, 'renderer' | 'state'>,
  settings: RenderGateSettings,
  clock: Clock,
): RenderRoom {
  const gate = createRenderGate(engine.renderer, settings, clock);
  return {
    renderer: gate,
    notReady() {
      const { waiting } = gate.state();
      const isFull = waiting > 0 && waiting >= settings.maxWaiting;
      return [...engine.state().notReady, ...(isFull ? ['queue full'] : [])];
    },
    state() {
      const { notReady: _, chromium: __, ...state } = engine.state();
      return { ...state, ...gate.state() };
    },
  };
}
