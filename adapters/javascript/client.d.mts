// The types of client.mjs.

export declare const MAX_FRAME_LENGTH: 524288;
export declare const DISPLACEMENT: 0x7fffffff;
export declare const UTF8: 0;
export declare const GBK: 1;

export type Code =
    | 'timeout' | 'cancelled' | 'closed' | 'stopped' | 'unencodable' | 'malformed' | 'empty' | 'bad-magic' | 'short'
    | 'length-too-small' | 'too-large' | 'trailing-bytes' | 'text' | 'bad-protobuf' | 'protocol-id-out-of-range' | 'unoffered-protocol';

export declare class WsError extends Error {
    constructor(code: Code | (string & {}), offset?: number, message?: string);
    readonly code: Code | (string & {});
    readonly offset: number | undefined;
}

export interface Frame {
    protocolId: number;
    /** 0 of a one-way message. */
    sn: number;
    length: number;
    /** A view of the message that it came in. */
    payload: Uint8Array;
}

export declare function encodeFrame(protocolId: number, sn: number, payload: Uint8Array, maxFrameLength?: number): Uint8Array;
export declare function decodeFrame(message: Uint8Array, maxFrameLength?: number): Frame;

export interface Displacement {
    oldIp: Uint8Array;
    newIp: Uint8Array;
    /** Nanoseconds since 1970. */
    ts: bigint;
}

export declare function decodeDisplacement(payload: Uint8Array): Displacement;
export declare function protobufFields(
    bytes: Uint8Array, base?: number,
): Generator<[number: number, wireType: number, value: bigint | Uint8Array | null]>;

export declare function decodeText(bytes: Uint8Array, charset?: number): string;
export declare function encodeText(text: string, charset?: number): Uint8Array;

export declare class Calls<Waiting> {
    constructor(role?: 'client' | 'server', next?: number);
    next: number;
    begin(waiting: Waiting): number;
    isOwn(sn: number): boolean;
    end(sn: number): Waiting | undefined;
    waiting(): [sn: number, waiting: Waiting][];
    endAll(): Waiting[];
}

/** A string goes out in the charset of the connection. */
export type Payload = Uint8Array | ArrayBuffer | string;

export interface Message {
    readonly protocolId: number;
    /** 0 of a one-way message. */
    readonly sn: number;
    readonly payload: Uint8Array;
    readonly kind: 'message' | 'request' | 'response';
    text(): string;
    answer(protocolId: number, payload?: Payload): void;
}

export interface ClientOptions {
    /** Another implementation than that of the platform. */
    WebSocket?: new (url: string, protocols?: string[]) => unknown;
    /** What to negotiate: `ws.v3.c1` is version 3 in charset 1; the best first. */
    protocols?: string[];
    maxFrameLength?: number;
    /** Times in milliseconds. */
    redial?: false | { attempts?: number; firstDelay?: number; maxDelay?: number };
}

export interface ClientEvents {
    open: CustomEvent<Record<string, never>>;
    close: CustomEvent<{ code: number; reason: string }>;
    displaced: CustomEvent<{ oldIp: string; newIp: string; ts: bigint }>;
    redial: CustomEvent<{ attempt: number; delay: number }>;
    gaveup: CustomEvent<Record<string, never>>;
    error: CustomEvent<{ error: Error }>;
}

export declare class Client extends EventTarget {
    constructor(url: string | URL, options?: ClientOptions);
    readonly url: string;
    readonly isDisplaced: boolean;
    readonly version: number;
    readonly charset: number;
    readonly isOpen: boolean;
    readonly isCompressed: boolean;
    nextSn: number;
    handle(protocolId: number, handler: (message: Message) => unknown): this;
    connect(options?: { signal?: AbortSignal }): Promise<this>;
    send(protocolId: number, payload?: Payload): void;
    /** timeout in milliseconds, ten seconds when left out; Infinity for none. */
    call(protocolId: number, payload?: Payload, options?: { timeout?: number; signal?: AbortSignal }): Promise<Message> & { sn?: number };
    close(code?: number, reason?: string): Promise<void>;
    addEventListener<Type extends keyof ClientEvents>(
        type: Type, listener: (event: ClientEvents[Type]) => void, options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}
