/// How a process ended.
package enum Exit: Equatable {
    /// By itself, with this code.
    case code(Int32)
    /// By this signal.
    case signal(Int32)
}
