/** The pass-through alone: the edge server and the origin room, without classification, ids and reports. */

import { systemClock } from '../../src/clock.ts';
import { createEdgeServer } from '../../src/http/server.ts';
import { createOrigin } from '../../src/origin/proxy-origin.ts';
import { edgeSettings, originSettings } from './rooms-settings.ts';

const [, , originUrl = '', port = '0'] = process.argv;
const parts = { clock: systemClock, report: () => {} };
const origin = createOrigin(originSettings(new URL(originUrl)), parts);
const server = createEdgeServer(
  edgeSettings(Number(port)),
  {
    request: (request, response) => origin.forward(request, response, {}, () => {}),
    upgrade: (request, socket, head) => origin.upgrade(request, socket, head, () => {}),
  },
  parts,
);
process.once('SIGTERM', () => process.exit(0));
console.log(`listening on ${await server.listen()}`);
