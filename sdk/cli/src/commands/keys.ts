import { Command } from 'commander';
export const keysCommand = (): Command => new Command('keys');
