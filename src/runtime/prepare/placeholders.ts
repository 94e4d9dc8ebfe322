import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Stand-ins for paths in the portable bundle, so that its hash does not depend on where the project
 * lies: a file of the user's is named relative to the project, a file of a package by
 * `name@version/subpath`. They sit inside string literals and hold no character that a literal of
 * any kind would escape.
 */
export type PlaceholderForm = 'url' | 'path';

const PLACEHOLDER = /millrace-(?:url|path):[^;\s"'`\\$]+;/g;

export class Placeholders {
  readonly #root: string;
  readonly #targets = new Map<string, { readonly form: PlaceholderForm; readonly path: string }>();

  constructor(root: string) {
    this.#root = root;
  }

  forFile(form: PlaceholderForm, path: string): string {
    return this.#add(form, `file/${portable(relative(this.#root, path) || '.')}`, path);
  }

  /** A file inside node_modules. */
  forPackageFile(form: PlaceholderForm, path: string): string {
    const owner = packageOf(path);
    if (owner === undefined) return this.forFile(form, path);
    const subpath = portable(relative(owner.folder, path));
    return this.#add(form, `npm/${portable(owner.id)}/${subpath}`, path);
  }

  /** The text with each placeholder replaced by what it stands for on this machine. */
  fill(text: string): string {
    return text.replace(PLACEHOLDER, (name) => this.#valueOf(name) ?? name);
  }

  /** What tells two materialised copies of one portable bundle apart. */
  describe(): string {
    return [...this.#targets.keys()]
      .toSorted()
      .map((name) => `${name}${this.#valueOf(name)}\n`)
      .join('');
  }

  /** Where a column of a filled line was before it was filled. */
  columnBefore(portableLine: string, column: number): number {
    let shift = 0;
    for (const match of portableLine.matchAll(PLACEHOLDER)) {
      const start = match.index + shift;
      if (column < start) break;
      const value = this.#valueOf(match[0]) ?? match[0];
      if (column < start + value.length) return match.index;
      shift += value.length - match[0].length;
    }
    return column - shift;
  }

  #add(form: PlaceholderForm, name: string, path: string): string {
    const taken = this.#targets.get(`millrace-${form}:${name};`);
    // The same version installed twice: told apart by where the copies lie in the project.
    const isOther = taken !== undefined && taken.path !== path;
    const full = isOther ? `${name}/at/${portable(relative(this.#root, path))}` : name;
    const placeholder = `millrace-${form}:${full};`;
    this.#targets.set(placeholder, { form, path });
    return placeholder;
  }

  #valueOf(placeholder: string): string | undefined {
    const target = this.#targets.get(placeholder);
    if (target === undefined) return undefined;
    return escapeForLiteral(target.form === 'url' ? pathToFileURL(target.path).href : target.path);
  }
}

function portable(path: string): string {
  const encoded = path.split(sep).map((part) => encodeURIComponent(part).replaceAll("'", '%27'));
  return encoded.join('/').replaceAll('%40', '@');
}

/** Safe between quotes of any kind. */
function escapeForLiteral(text: string): string {
  return text.replace(/[^\w\-./:%@+=,~ ]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

interface PackageId {
  readonly folder: string;
  readonly id: string;
}

/** The installed package that a file belongs to, `name@version`. */
function packageOf(path: string): PackageId | undefined {
  const folder = packageFolderOf(path);
  if (folder === undefined) return undefined;
  const name = relative(folder.slice(0, folder.lastIndexOf(`${sep}node_modules${sep}`)), folder)
    .split(sep)
    .slice(1)
    .join('/');
  return { folder, id: `${name}@${versionOf(folder)}` };
}

function packageFolderOf(path: string): string | undefined {
  const marker = `${sep}node_modules${sep}`;
  const at = path.lastIndexOf(marker);
  if (at < 0) return undefined;
  const [first, second] = path.slice(at + marker.length).split(sep);
  if (first === undefined) return undefined;
  const base = path.slice(0, at + marker.length);
  return first.startsWith('@') && second !== undefined ? join(base, first, second) : base + first;
}

function versionOf(folder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isVersioned(manifest) ? manifest.version : '0';
  } catch {
    return '0';
  }
}

function isVersioned(manifest: unknown): manifest is { readonly version: string } {
  return (
    typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
  );
}
