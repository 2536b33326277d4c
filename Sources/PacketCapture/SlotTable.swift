/// Objects by their slots, small numbers that are used again. It owns them as an array would.
///
/// What most packets touch is lent without counting a reference, which took a twentieth of the inspector's time. Public, because only then
/// is it specialised in other modules.
public final class SlotTable<Object: AnyObject> {
  @exclusivity(unchecked) @usableFromInline var objects: [Unmanaged<Object>?] = []
  /// How many borrowers there are.
  @exclusivity(unchecked) @usableFromInline var borrowers = 0
  /// Objects that were taken out while there are borrowers, one of whom may have them.
  @exclusivity(unchecked) private var removed: [Object] = []
  @exclusivity(unchecked) @usableFromInline var hasRemoved = false

  /// A table without objects.
  public init() {}

  deinit {
    for case .some(let object) in objects { object.release() }
  }

  /// How many slots there are, empty ones included.
  public var count: Int { objects.count }

  /// All objects, in the order of their slots.
  public var all: [Object] { objects.compactMap { $0?.takeUnretainedValue() } }

  /// The object of a slot; nil: it has none. A slot behind the last is made when an object is put there.
  @inlinable
  public subscript(slot: Int) -> Object? {
    get { slot < objects.count ? objects[slot]?.takeUnretainedValue() : nil }
    set { replace(slot, newValue) }
  }

  @usableFromInline
  func replace(_ slot: Int, _ object: Object?) {
    while objects.count <= slot { objects.append(nil) }
    let old = objects[slot]
    objects[slot] = object.map(Unmanaged.passRetained)
    guard let former = old?.takeRetainedValue(), borrowers > 0 else { return }
    removed.append(former)
    hasRemoved = true
  }

  /// Lends the object of a slot, which lives at least until `body` returns.
  ///
  /// - Returns: What `body` does; nil: the slot has no object.
  @inlinable @inline(__always)
  public func lend<Result>(_ slot: Int, _ body: (Object) -> Result) -> Result? {
    guard slot < objects.count, let object = objects[slot] else { return nil }
    borrowers &+= 1
    defer {
      borrowers &-= 1
      if hasRemoved, borrowers == 0 { releaseRemoved() }
    }
    return object._withUnsafeGuaranteedRef(body)
  }

  @usableFromInline
  func releaseRemoved() {
    hasRemoved = false
    removed = []
  }
}
