/** Lanterns along a sagging line: where they hang, and how large. */
const lanterns = Array.from({ length: 9 }, (_, index) => {
  const x = 60 + index * 165;
  const sag = 1 - ((x - 720) / 720) ** 2;
  return { x, y: 168 + sag * 92, size: 0.8 + ((index * 5) % 4) * 0.12 };
});

const stars = Array.from({ length: 60 }, (_, index) => ({
  x: (index * 761) % 1440,
  y: (index * 137) % 230,
  size: 0.8 + ((index * 7) % 4) * 0.35,
}));

/** Reeds on both banks; the middle stays open to the water. */
const reeds = Array.from({ length: 44 }, (_, index) => ({
  x: index < 24 ? 8 + index * 14 : 1130 + (index - 24) * 16,
  height: 52 + ((index * 37) % 64),
  lean: ((index * 29) % 31) - 12,
}));

const sky = ['#0b1722', '#0e1e2c', '#132838', '#1a3344', '#27404e', '#3f4c55', '#635755', '#8b6250', '#b3734c'];

/** The shore at dusk, with a line of lanterns from one side to the other. Decoration, so it has no name. */
export function Shore() {
  return (
    <svg className="shore" viewBox="0 0 1440 640" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
      {sky.map((colour, index) => (
        <rect key={colour} y={index * 40} width="1440" height={470 - index * 40} fill={colour} />
      ))}
      <g fill="#f1ead9">
        {stars.map(({ x, y, size }) => (
          <circle key={`${x} ${y}`} cx={x} cy={y} r={size} opacity={0.75 - y / 420} />
        ))}
      </g>
      <path d="M0 380C160 330 280 372 420 340S700 356 860 322 1180 372 1440 316V480H0Z" fill="#33424c" />
      <path d="M0 420C180 380 330 424 520 396S880 410 1040 384 1300 410 1440 392V480H0Z" fill="#1f313c" />
      <path d="M0 452C260 430 420 456 700 446S1180 436 1440 450V490H0Z" fill="#122430" />
      <rect y="466" width="1440" height="174" fill="#132a38" />
      <g fill="#b3734c">
        <rect x="180" y="478" width="1080" height="3" opacity="0.35" />
        <rect x="330" y="492" width="780" height="3" opacity="0.26" />
        <rect x="450" y="508" width="560" height="4" opacity="0.18" />
        <rect x="560" y="528" width="330" height="4" opacity="0.12" />
      </g>
      {lanterns.map(({ x, size }) => (
        <g key={x} fill="#ffc46b">
          <rect x={x - 26 * size} y="484" width={52 * size} height="4" opacity="0.5" />
          <rect x={x - 16 * size} y="498" width={32 * size} height="4" opacity="0.42" />
          <rect x={x - 22 * size} y="516" width={44 * size} height="5" opacity="0.3" />
          <rect x={x - 11 * size} y="538" width={22 * size} height="5" opacity="0.2" />
          <rect x={x - 15 * size} y="566" width={30 * size} height="5" opacity="0.12" />
        </g>
      ))}
      <path d="M-20 150Q720 358 1460 150" fill="none" stroke="#08111a" strokeWidth="2.5" />
      {lanterns.map(({ x, y, size }) => (
        <g key={x} transform={`translate(${x} ${y}) scale(${size})`}>
          <circle cy="40" r="92" fill="#ffb65c" opacity="0.06" />
          <circle cy="40" r="64" fill="#ffb65c" opacity="0.09" />
          <circle cy="40" r="42" fill="#ffb65c" opacity="0.14" />
          <path d="M0 -6V12" stroke="#08111a" strokeWidth="2.5" />
          <path d="M-10 12H10L20 22V58L10 68H-10L-20 58V22Z" fill="#f2a541" />
          <path d="M-6 16H6L12 26V54L6 64H-6L-12 54V26Z" fill="#ffd68f" />
          <ellipse cy="42" rx="5" ry="12" fill="#fffaf0" />
          <path d="M-11 10H11V15H-11ZM-11 65H11V70H-11Z" fill="#2b1d14" />
        </g>
      ))}
      <path d="M0 700V580C190 556 330 606 520 612S860 586 1060 600 1330 572 1440 560V700Z" fill="#0d1b26" />
      <g fill="none" stroke="#0d1b26" strokeWidth="3" strokeLinecap="round">
        {reeds.map(({ x, height, lean }) => (
          <path key={x} d={`M${x} 616Q${x + lean * 0.2} ${600 - height * 0.6} ${x + lean} ${600 - height}`} />
        ))}
      </g>
    </svg>
  );
}
