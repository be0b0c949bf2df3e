/** `vidhuk completion`: what a shell needs to complete commands and options. */
import completion from '@bomb.sh/tab';
import { Argument, Command } from 'commander';
import { commandName } from '../output/command-name.js';

const examples = `
Examples:
  source <(vidhuk completion bash)                                  for this shell; in ~/.bashrc for every one
  source <(vidhuk completion zsh)
  vidhuk completion fish > ~/.config/fish/completions/vidhuk.fish

In a clone, where the command is "npx vidhuk": alias vidhuk="npx vidhuk" makes a word of it that can be completed.`;

export function completionCommand(): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples)
    .action((shell: string) => completion.setup('vidhuk', commandName(), shell));
}
