// The types of driver.mjs.
import type { Client } from './client.mjs';

export declare class Driver {
    constructor(client: Client, end: () => void);
}
