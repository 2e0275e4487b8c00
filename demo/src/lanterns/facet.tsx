import { Scene } from './scene.tsx';

/** Panes from left to right and top to bottom, each with its glass unlit and lit. */
const panes: readonly (readonly [points: string, unlit: string, lit: string])[] = [
  ['240,112 166,184 210,196', '#4a3420', '#c8722a'],
  ['240,112 210,196 270,196', '#5c4228', '#eaa046'],
  ['240,112 270,196 314,184', '#46311d', '#d4822f'],
  ['166,184 210,196 210,344 158,326', '#4f3821', '#d88630'],
  ['210,196 270,196 270,344 210,344', '#664a2c', '#fac468'],
  ['270,196 314,184 322,326 270,344', '#483320', '#e59a3e'],
  ['158,326 210,344 204,396 184,384', '#3f2c1a', '#b9641f'],
  ['210,344 270,344 276,396 204,396', '#50391f', '#dd8f38'],
  ['270,344 322,326 296,384 276,396', '#3b2917', '#c4702a'],
];

export function FacetLantern() {
  return (
    <Scene wall="#221f33" lightY={268} stands>
      <circle cx="240" cy="90" r="17" fill="none" stroke="#b87345" strokeWidth="6" />
      <g>
        {panes.map(([points, unlit]) => (
          <polygon key={points} points={points} fill={unlit} />
        ))}
      </g>
      <g className="light">
        {panes.map(([points, , lit]) => (
          <polygon key={points} points={points} fill={lit} />
        ))}
        <path d="M240 224C262 258 264 284 258 304C252 324 228 324 222 304C216 284 218 258 240 224Z" fill="#ffe6ae" />
        <path d="M240 252C252 274 254 290 250 302C246 312 234 312 230 302C226 290 228 274 240 252Z" fill="#fffaf0" />
        <path d="M222 318H258V344H222Z" fill="#ffe9c0" opacity="0.75" />
        <path d="M214 204L232 204L214 256Z" fill="#fff3d6" opacity="0.45" />
      </g>
      <g fill="none" stroke="#7c4a2b" strokeWidth="6" strokeLinejoin="round">
        {panes.map(([points]) => (
          <polygon key={points} points={points} />
        ))}
      </g>
      <g fill="none" stroke="#d3925f" strokeWidth="1.5" strokeLinejoin="round">
        {panes.map(([points]) => (
          <polygon key={points} points={points} />
        ))}
      </g>
      <path d="M228 106H252V120H228Z" fill="#b87345" />
      <path d="M180 386H300L306 406H174Z" fill="#7c4a2b" />
      <path d="M180 386H300L301 391H178Z" fill="#d3925f" />
    </Scene>
  );
}
