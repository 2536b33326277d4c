extension PeerMutation {
  /// The same with the faults of another; where both have one in the same place, this one comes first.
  package func and(_ other: PeerMutation) -> PeerMutation {
    var both = self
    both.requestHead = Self.both(requestHead, other.requestHead)
    both.response = { first, second in
      guard let first, let second else { return first ?? second }
      return { response, isGranted in
        first(&response, isGranted)
        second(&response, isGranted)
      }
    }(response, other.response)
    both.details = { first, second in
      guard let first, let second else { return first ?? second }
      return { second(first($0)) }
    }(details, other.details)
    both.overlooks = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0) || second($0) }
    }(overlooks, other.overlooks)
    both.message = Self.both(message, other.message)
    both.compressed = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0) && second($0) }
    }(compressed, other.compressed)
    both.assembled = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0) && second($0) }
    }(assembled, other.assembled)
    both.overlooksInflateErrors = overlooksInflateErrors || other.overlooksInflateErrors
    both.received = { first, second in
      guard let first, let second else { return first ?? second }
      return { first(&$0, $1) && second(&$0, $1) }
    }(received, other.received)
    both.control = { first, second in
      guard let first, let second else { return first ?? second }
      return { first(&$0, &$1) && second(&$0, &$1) }
    }(control, other.control)
    both.wantsWholeRequests = wantsWholeRequests || other.wantsWholeRequests
    both.refusesNewcomers = refusesNewcomers || other.refusesNewcomers
    both.actions = { first, second in
      guard let first, let second else { return first ?? second }
      return { second(first($0)) }
    }(actions, other.actions)
    both.sent = { first, second in
      guard let first, let second else { return first ?? second }
      return { frame, connection in first(frame, connection).flatMap { second($0.frame, $0.to) } }
    }(sent, other.sent)
    both.late = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0, $1) ?? second($0, $1) }
    }(late, other.late)
    both.header = Self.both(header, other.header)
    both.wire = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0).flatMap(second) }
    }(wire, other.wire)
    both.displacesNobody = displacesNobody || other.displacesNobody
    both.configuration = Self.both(configuration, other.configuration)
    both.witness = witness ?? other.witness
    both.cut = cut ?? other.cut
    both.clientConfiguration = Self.both(clientConfiguration, other.clientConfiguration)
    both.draft = Self.both(draft, other.draft)
    both.request = Self.both(request, other.request)
    both.answerHead = { first, second in
      guard let first, let second else { return first ?? second }
      return { head, expectation in
        first(&head, expectation)
        second(&head, expectation)
      }
    }(answerHead, other.answerHead)
    both.wantsWholeAnswers = wantsWholeAnswers || other.wantsWholeAnswers
    both.losesBytesBehindAnswer = losesBytesBehindAnswer || other.losesBytesBehindAnswer
    both.opensBeforeEmptyLine = opensBeforeEmptyLine || other.opensBeforeEmptyLine
    both.callFailureDelay = callFailureDelay ?? other.callFailureDelay
    both.redial = { first, second in
      guard let first, let second else { return first ?? second }
      return { second($0, first($0, $1)) }
    }(redial, other.redial)
    return both
  }

  private typealias Change<Value> = @Sendable (inout Value) -> Void
  private typealias Filter<Value> = @Sendable (inout Value) -> Bool

  private static func both<Value>(_ first: Change<Value>?, _ second: Change<Value>?) -> Change<Value>? {
    guard let first, let second else { return first ?? second }
    return { value in
      first(&value)
      second(&value)
    }
  }

  private static func both<Value>(_ first: Filter<Value>?, _ second: Filter<Value>?) -> Filter<Value>? {
    guard let first, let second else { return first ?? second }
    return { value in first(&value) && second(&value) }
  }
}
