/// How a process ended.
enum Exit: Equatable {
    case code(Int32)
    case signal(Int32)
}
