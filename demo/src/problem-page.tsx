import { isRouteErrorResponse, Link, useRouteError } from 'react-router';
import { LanternPicture } from './lanterns/lantern-picture.tsx';
import { useTitle } from './page-head.tsx';

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

const notFound: Problem = {
  status: 404,
  title: 'This one has gone out',
  text: 'There is no page at this address. It may have been sold, renamed, or dreamt.',
};

const outOfOrder: Problem = {
  status: 503,
  title: 'The shop is dark for a moment',
  text: 'Something of ours did not answer. Please come back in a minute.',
};

/** Shown in place of a page that does not exist or could not be loaded; tells a pre-renderer the status that is meant. */
export function ProblemPage() {
  const { status, title, text } = problemOf(useRouteError());
  useTitle(`${title} · Nightjar`);
  return (
    <section className="problem">
      <meta name="prerender-status-code" content={String(status)} />
      <meta name="robots" content="noindex" />
      <LanternPicture kind="storm" name="A lantern that is not lit" lit={false} />
      <div>
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <Link className="onward" to="/">
            Back to the lanterns
          </Link>
        </p>
      </div>
    </section>
  );
}

function problemOf(error: unknown): Problem {
  return isRouteErrorResponse(error) && error.status === 404 ? notFound : outOfOrder;
}
