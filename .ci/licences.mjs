// Bundles hold copies of packages, whose licences ask that their text travels with copies.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE_FOLDER = /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)\b/i;

/** The licences of the packages of which code went into a bundle, by what esbuild says of its outputs. */
export function licencesOf(metafiles, root) {
  const folders = new Set(metafiles.flatMap(bundledFolders));
  const sections = [...folders].map((folder) => licenceOf(join(root, folder)));
  const title =
    'Files in this folder contain code of these packages, under the licences given here.';
  return `${[title, ...sections.toSorted()].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function bundledFolders({ outputs }) {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => PACKAGE_FOLDER.exec(path)?.[0] ?? []),
  );
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  if (files.length === 0) throw new Error(`${name} is bundled, but has no licence file`);
  const texts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}
