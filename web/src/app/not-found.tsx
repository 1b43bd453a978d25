import { Link } from '@tanstack/react-router';

export function NotFound() {
  return (
    <main>
      <h1>There is no such page</h1>
      <p>
        The link may be of a newer version. <Link to="/overview">Overview</Link>
      </p>
    </main>
  );
}
