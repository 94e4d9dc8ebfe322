import { FlowSpec, type Inputs, step } from 'millrace';
import { mean, readJsonRows } from './datasets.ts';

interface Movie {
  readonly Title: string | null;
  readonly 'Worldwide Gross': number | null;
  readonly 'Production Budget': number | null;
  readonly 'IMDB Rating': number | null;
  readonly 'Major Genre': string | null;
}

/** A split: two branches work at the same time on the same artifact, and a join merges what they made. */
export class Movies extends FlowSpec {
  movies: Movie[] = [];
  genres: Record<string, number> = {};
  bestReturn: { title: string; times: number } | undefined;

  @step async start() {
    const all = await readJsonRows<Movie>('movies.json');
    this.movies = all.filter((movie) => movie.Title !== null);
    this.next(this.rate, this.earn);
  }

  /** The mean rating of each genre. */
  @step rate() {
    const byGenre = groupByGenre(this.movies);
    this.genres = Object.fromEntries(
      [...byGenre].map(([genre, ratings]) => [genre, mean(ratings)]),
    );
    this.next(this.join);
  }

  /** The film that earned its budget most often. */
  @step earn() {
    const returns = this.movies.flatMap((movie) => {
      const budget = movie['Production Budget'];
      const gross = movie['Worldwide Gross'];
      if (budget === null || gross === null || budget < 100_000) return [];
      return [{ title: String(movie.Title), times: gross / budget }];
    });
    this.bestReturn = returns.toSorted((a, b) => b.times - a.times)[0];
    this.next(this.join);
  }

  /** Each field was set by one branch only, so the merge has nothing to ask. */
  @step join(inputs: Inputs<Movies>) {
    this.mergeArtifacts(inputs);
    console.log(`merged ${inputs.length} branches`);
    this.next(this.end);
  }

  @step end() {
    const best = Object.entries(this.genres).toSorted((a, b) => b[1] - a[1]);
    for (const [genre, rating] of best.slice(0, 3)) console.log(`${genre}: ${rating.toFixed(2)}`);
    console.log(
      `${this.bestReturn?.title} earned its budget ${this.bestReturn?.times.toFixed(0)} times`,
    );
  }
}

function groupByGenre(movies: readonly Movie[]): Map<string, number[]> {
  const ratings = new Map<string, number[]>();
  for (const movie of movies) {
    const rating = movie['IMDB Rating'];
    const genre = movie['Major Genre'];
    if (rating === null || genre === null) continue;
    ratings.set(genre, [...(ratings.get(genre) ?? []), rating]);
  }
  return ratings;
}
