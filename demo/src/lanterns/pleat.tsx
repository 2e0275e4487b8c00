import { Scene } from './scene.tsx';

const top = 84;
const pleat = 24;
const pleats = Array.from({ length: 12 }, (_, index) => {
  const y = top + index * pleat;
  const upper = `172,${y} 308,${y} 290,${y + pleat / 2} 190,${y + pleat / 2}`;
  const lower = `190,${y + pleat / 2} 290,${y + pleat / 2} 308,${y + pleat} 172,${y + pleat}`;
  return { y, upper, lower, core: Math.abs(index - 6) };
});

export function PleatedColumn() {
  return (
    <Scene wall="#2a2430" lightY={240} stands>
      <path d="M176 372H196L188 408H172ZM284 372H304L308 408H292Z" fill="#a98057" />
      {pleats.map(({ y, upper, lower }) => (
        <g key={y}>
          <polygon points={upper} fill="#5d5560" />
          <polygon points={lower} fill="#756c76" />
        </g>
      ))}
      <g className="light">
        {pleats.map(({ y, upper, lower, core }) => (
          <g key={y}>
            <polygon points={upper} fill={core < 2 ? '#f4b565' : core < 4 ? '#eaa352' : '#d98d40'} />
            <polygon points={lower} fill={core < 2 ? '#fff0cf' : core < 4 ? '#ffdc9f' : '#fbc877'} />
          </g>
        ))}
        <ellipse cx="240" cy="240" rx="34" ry="112" fill="#fffaf0" opacity="0.28" />
        <ellipse cx="240" cy="240" rx="18" ry="72" fill="#fffaf0" opacity="0.34" />
      </g>
      <path d="M166 76H314V86H166Z" fill="#a98057" />
      <path d="M166 370H314V380H166Z" fill="#a98057" />
      <path d="M166 76H314V79H166ZM166 370H314V373H166Z" fill="#d8b48c" />
    </Scene>
  );
}
