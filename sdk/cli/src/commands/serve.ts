import { Command } from 'commander';
export const serveCommand = (): Command => new Command('serve');
