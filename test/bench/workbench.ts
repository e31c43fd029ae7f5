import type { FlowNode } from "./flows";
import { ReceiverProcess } from "./receiver-process";
import { SenderProcess } from "./sender-process";
import { UserDirectory } from "./user-directory";

export interface BenchSettings {
  rounds: number;
  /** Deliveries of the pipeline per round; slower peers make fewer. */
  deliveries: number;
  inFlight: number;
  /** How many deliveries wait in the rows that are about that. */
  waiting: number;
  /** Folder of the compiled nodes. */
  dist: string;
}

/** Makes and takes away the processes and folders of a row. */
export class Workbench {
  readonly settings: BenchSettings;
  readonly receiver: ReceiverProcess;
  readonly #senders: SenderProcess[] = [];
  readonly #directories: UserDirectory[] = [];

  private constructor(settings: BenchSettings, receiver: ReceiverProcess) {
    this.settings = settings;
    this.receiver = receiver;
  }

  static async open(settings: BenchSettings): Promise<Workbench> {
    return new Workbench(settings, await ReceiverProcess.start());
  }

  userDirectory(): UserDirectory {
    const directory = new UserDirectory(this.settings.dist);
    this.#directories.push(directory);
    return directory;
  }

  /**
   * A sender whose flows run.
   *
   * @param flows null for those that ran in the same directory before
   */
  async sender(flows: FlowNode[] | null, directory = this.userDirectory()): Promise<SenderProcess> {
    const sender = new SenderProcess();
    this.#senders.push(sender);
    const { inFlight } = this.settings;
    await sender.start({ userDir: directory.path, flows, receiverOrigin: this.receiver.url(""), inFlight });
    return sender;
  }

  /** Ends the senders and removes what they left. */
  async clear(): Promise<void> {
    await Promise.all(this.#senders.splice(0).map((sender) => sender.kill()));
    for (const directory of this.#directories.splice(0)) directory.remove();
    await this.receiver.received();
  }

  async close(): Promise<void> {
    await this.clear();
    this.receiver.stop();
  }

  /** Says what is under way, where it does not mix with the table. */
  say(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}
