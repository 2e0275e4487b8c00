import { Scene } from './scene.tsx';

/** Holes in rows round the tin; near its edges they lie closer, since the tin is round. */
const holes = Array.from({ length: 9 }, (_, row) =>
  Array.from({ length: 9 }, (_, column) => {
    const angle = ((column + (row % 2) * 0.5 - 4.25) / 9) * Math.PI * 0.94;
    return { x: 240 + Math.sin(angle) * 74, y: 196 + row * 22, size: 4.6 * Math.cos(angle) ** 0.7 + 0.6 };
  }),
).flat();

/** Spots of light on the wall: a golden-angle spiral, which never lines up with itself. */
const spots = Array.from({ length: 46 }, (_, index) => {
  const angle = index * 2.399_963;
  const distance = 118 + index * 3.6;
  return {
    x: 240 + Math.cos(angle) * distance,
    y: 262 + Math.sin(angle) * distance * 0.86,
    size: 1.6 + (index % 5) * 0.8,
  };
}).filter(({ y }) => y < 396);

export function StarLantern() {
  return (
    <Scene wall="#122036" lightY={268} stands>
      <g className="light" fill="#ffd28a">
        {spots.map(({ x, y, size }) => (
          <circle key={x} cx={x.toFixed(1)} cy={y.toFixed(1)} r={size.toFixed(1)} opacity="0.55" />
        ))}
      </g>
      <circle cx="240" cy="76" r="22" fill="none" stroke="#7d8b97" strokeWidth="5" />
      <path d="M164 176L228 100H252L316 176Z" fill="#4b5a67" />
      <path d="M164 176L228 100H236L206 176Z" fill="#71818e" />
      <path d="M158 174H322V188H158Z" fill="#2c3943" />
      <path d="M164 188H316V392H164Z" fill="#3d4b57" />
      <path d="M164 188H198V392H164Z" fill="#55646f" />
      <path d="M290 188H316V392H290Z" fill="#2c3943" />
      <g fill="#1a242c">
        {holes.map(({ x, y, size }) => (
          <circle key={`${x} ${y}`} cx={x.toFixed(1)} cy={y} r={size.toFixed(1)} />
        ))}
      </g>
      <g className="light">
        <g fill="#f2a541" opacity="0.4">
          {holes.map(({ x, y, size }) => (
            <circle key={`${x} ${y}`} cx={x.toFixed(1)} cy={y} r={(size * 1.9).toFixed(1)} />
          ))}
        </g>
        <g fill="#fff0c9">
          {holes.map(({ x, y, size }) => (
            <circle key={`${x} ${y}`} cx={x.toFixed(1)} cy={y} r={size.toFixed(1)} />
          ))}
        </g>
        <path
          d="M196 150L208 136M222 156L226 138M258 156L254 138M284 150L272 136"
          stroke="#fff0c9"
          strokeWidth="4"
          strokeLinecap="round"
        />
      </g>
      <path d="M156 388H324V406H156Z" fill="#2c3943" />
      <path d="M156 388H324V393H156Z" fill="#7d8b97" />
    </Scene>
  );
}
