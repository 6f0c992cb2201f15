import { type Ending, nextStorageSerial } from './backend.js';

/** The books that the library keeps of a storage, whatever device it is on (`Storage` says what each is for). */
export abstract class StorageRecord {
  version = 0;
  readonly serial = nextStorageSerial();
  ended: Ending | null = null;
  scope: object | null = null;
  saves = 0;
  internal = false;
}
