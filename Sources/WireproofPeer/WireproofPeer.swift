// The one module that programs import: server and client, and the types of the core that their interfaces mention.
@_exported public import Conversation
@_exported public import Deflate
@_exported public import FrameCodec
@_exported public import Negotiation
@_exported public import ReferencePeer
@_exported public import Specification
@_exported public import TypedMessages
