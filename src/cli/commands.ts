import type { Command } from './command.ts';
import { config } from './config.ts';
import { doctor } from './doctor.ts';
import { health } from './health.ts';
import { purge } from './purge.ts';
import { render } from './render.ts';
import { serve } from './serve.ts';
import { warm } from './warm.ts';

/** Every command; the first is meant when none is named. */
export const commands: readonly [Command, ...Command[]] = [serve, render, warm, purge, config, doctor, health];
