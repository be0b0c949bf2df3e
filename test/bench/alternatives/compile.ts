/** The alternatives run as Vidhuk does, compiled: a loader would cost them memory and time that nobody has in production. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('.', import.meta.url));
const target = `${sources}dist`;

let compiled: Promise<string> | undefined;

/** Compiles this folder once and gives the folder with the results. What they share with Vidhuk is Vidhuk's compiled code. */
export function compile(): Promise<string> {
  compiled ??= compileAll();
  return compiled;
}

async function compileAll(): Promise<string> {
  const { default: ts } = await import('typescript');
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  await mkdir(target, { recursive: true });
  const names = (await readdir(sources)).filter((name) => name.endsWith('.ts'));
  await Promise.all(
    names.map(async (name) => {
      const source = await readFile(`${sources}${name}`, 'utf8');
      const { outputText } = ts.transpileModule(source, { fileName: name, compilerOptions });
      const text = outputText.replaceAll(/'(\.\.\/.*\/)src\//g, "'../$1dist/");
      await writeFile(`${target}/${name.replace(/ts$/, 'js')}`, text);
    }),
  );
  return target;
}
