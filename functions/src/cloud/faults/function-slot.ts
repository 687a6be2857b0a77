import { type Environment, type FunctionName, startFunction } from './function-process.ts';

/** A place for one process of a function, which is filled again whenever that one is killed. */
export async function createFunctionSlot(name: FunctionName, environment: Environment) {
  let process = await startFunction(name, environment);
  let starting: Promise<void> | undefined;
  let kills = 0;
  const complaints: string[] = [];

  const restart = async (): Promise<void> => {
    await process.kill();
    complaints.push(...process.complaints);
    process = await startFunction(name, environment);
    starting = undefined;
  };

  return {
    /** Where the process listens, once there is one. */
    url: async (): Promise<string> => {
      await starting;
      return process.url;
    },
    /** SIGKILL, and another one in its place. Of calls that come while that goes on one counts. */
    kill: (): void => {
      if (starting) return;
      kills++;
      starting = restart();
    },
    kills: (): number => kills,
    complaints: (): readonly string[] => [...complaints, ...process.complaints],
    logged: () => process.logged,
    close: async (): Promise<void> => {
      await starting;
      await process.kill();
    },
  };
}
