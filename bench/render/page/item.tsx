import { useEffect, useState } from 'react';
import { useParams } from 'react-router';

interface Details {
  readonly name: string;
  readonly maker: string;
}

export function Item() {
  const { id = '' } = useParams();
  const [details, setDetails] = useState<Details>();
  useEffect(() => {
    async function load() {
      const { name, makerId } = await (await fetch(`/api/items/${id}`)).json();
      const { maker } = await (await fetch(`/api/makers/${makerId}`)).json();
      setDetails({ name, maker });
    }
    void load();
  }, [id]);
  if (details === undefined) return <p>loading</p>;
  return (
    <article>
      <title>{details.name}</title>
      <h1>{details.name}</h1>
      <p>{`Made by ${details.maker}`}</p>
    </article>
  );
}
