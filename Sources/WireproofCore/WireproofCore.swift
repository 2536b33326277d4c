// The one module of the core, which does no I/O: codecs, compression, negotiation, the state of a conversation, capture files.
@_exported public import CaptureFile
@_exported public import Conversation
@_exported public import Deflate
@_exported public import FrameCodec
@_exported public import Negotiation
@_exported public import Specification
@_exported public import WebSocketCodec
