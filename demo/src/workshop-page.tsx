import { Link } from 'react-router';
import { PageHead } from './page-head.tsx';

const steps = [
  ['Draw', 'Full size, on the wall, in charcoal. If it looks wrong from across the yard, it is wrong.'],
  ['Make', 'Brass is spun, paper pasted, reed woven wet. One pair of hands from the first cut to the last.'],
  ['Light', 'A whole night on the long shelf. What flickers, leaks or hums goes back to the bench.'],
] as const;

export function WorkshopPage() {
  return (
    <article className="workshop">
      <PageHead
        title="The workshop: how a Nightjar lantern is made"
        description="Four people, one long bench and a shelf on which every lantern burns for a whole night before it is sold. How we work, and why slowly."
        path="/workshop"
      />
      <h1>Four people, one bench, a long shelf</h1>
      <p className="lead">
        The nightjar is a bird that nobody sees. It sits still all day and comes out when the light goes, which is when
        our work begins, too.
      </p>
      <p>
        We started in an old boat shed with one spinning lathe and a commission for the harbour. The boats have left the
        shed and the lathe has company now, but a lantern still takes as long as it takes: about three days for brass,
        an afternoon for paper, and for reed the whole of February.
      </p>
      <ol className="steps">
        {steps.map(([name, text]) => (
          <li key={name}>
            <h2>{name}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ol>
      <p>
        <Link className="onward" to="/">
          See the lanterns
        </Link>
      </p>
    </article>
  );
}
