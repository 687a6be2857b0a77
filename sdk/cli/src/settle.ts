import { type Command, Help, type Option, type OutputConfiguration } from 'commander';
import { escapeText } from './terminal/escape-text.ts';

/** Commander hands these settings down only to commands made by it, not to those added. */
export function settle(command: Command): Command {
  const output: OutputConfiguration = {
    outputError: (text, write) => {
      const said = escapeText(
        text
          .replace(/^error: /, '')
          .trimEnd()
          .replace(/\n/g, ' '),
      );
      write(`vantio: ${said.replace(/\.$/, '')}; see ${nameOf(command)} --help\n`);
    },
  };
  command.exitOverride().configureOutput(output).configureHelp({ optionDescription });
  for (const child of command.commands) settle(child);
  return command;
}

/** That a repeatable option begins with none says nothing to whoever reads the help. */
const optionDescription = (option: Option): string =>
  Array.isArray(option.defaultValue) ? option.description : new Help().optionDescription(option);

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
