/** What `npm run check` holds besides types: layers, module sizes, headers, no `any`, no words outside the dictionary. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SRC = resolve(dirname(fileURLToPath(import.meta.url)), '../src');
/** From the ground up; a module imports from its own layer and those before it. */
const LAYERS = ['protocol', 'state', 'map', 'ui', 'apps'];
const MOST_LINES = 400;
const MEDIAN_LINES = 100;
const GENERATED = new Set(['protocol/schema.ts']);

const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => relative(SRC, join(entry.parentPath ?? entry.path, entry.name)))
  .filter((file) => !GENERATED.has(file));

const faults = [];
const sizes = [];

const layerOf = (file) => {
  const place = LAYERS.indexOf(file.split('/')[0]);
  return place < 0 ? LAYERS.length : place;
};

for (const file of files) {
  const text = readFileSync(join(SRC, file), 'utf8');
  const lines = text.split('\n').length;
  sizes.push(lines);
  if (lines > MOST_LINES) faults.push(`${file}: ${lines} lines, at most ${MOST_LINES}`);
  if (!text.startsWith('/**')) faults.push(`${file}: says nothing of what it is`);
  if (/[:<]\s*any\b|\bas any\b|@ts-(ignore|nocheck|expect-error)/.test(text)) faults.push(`${file}: any`);
  for (const [, from] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = relative(SRC, resolve(dirname(join(SRC, file)), from));
    if (layerOf(target) > layerOf(file)) faults.push(`${file} imports ${target}, which stands above it`);
    const [own, its] = [file.split('/'), target.split('/')];
    if (own[0] === 'apps' && its[0] === 'apps' && own[1] !== its[1]) faults.push(`${file} imports another app's ${target}`);
  }
  if (file.endsWith('.tsx')) faults.push(...words(file, text));
}

/** Text between tags, or in an attribute people hear, that does not come from the dictionary. */
function words(file, text) {
  const between = [...text.matchAll(/<[A-Za-z][^<>{}]*>\s*([^<>{}]*[A-Za-z가-힣]{2,}[^<>{}]*)\s*<\//g)].map((m) => m[1]);
  const heard = [...text.matchAll(/(?:aria-label|alt|title|placeholder|label)="([^"]*[A-Za-z가-힣]{2,}[^"]*)"/g)].map((m) => m[1]);
  return [...between, ...heard].map((said) => `${file}: "${said.trim()}" is not in the dictionary`);
}

sizes.sort((a, b) => a - b);
const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
if (median >= MEDIAN_LINES) faults.push(`half the modules have ${median} lines or more; under ${MEDIAN_LINES} is the mark`);
for (const fault of faults) console.error(fault);
console.log(`${files.length} modules, median ${median} lines, longest ${sizes.at(-1)}`);
process.exit(faults.length > 0 ? 1 : 0);
